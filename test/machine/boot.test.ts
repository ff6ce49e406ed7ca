import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import * as account from '@switchover/rehearsal/account'
import { installed, publishAs, runInstaller, type Circumstances } from './support/installer.ts'
import { bundleOf, upload } from './support/bundle.ts'
import type { Instance } from './support/instance.ts'
import { repository, Service } from './support/service.ts'
import { eventually } from './support/wait.ts'
import type { Watch } from './support/watch.ts'

const [blue, green] = account.groupNames
const needsCompose = "The agent needs Docker's compose plugin 2.17 or later, or docker-compose 1.29"
const absent = `sha256:${'e'.repeat(64)}`

let service: Service
/** Of blue, which names no version at first; of green, which names an image that is not there. */
let good: Instance
let bad: Instance
let goodReadyz: Watch
let badReadyz: Watch
const badLifecycles = new Set<string | null>()

beforeAll(async () => {
  service = await Service.open()
  const { revision } = service.stage
  await service.tag(blue, { [tagKey.bundle]: revision, [digestTagKey('')]: await service.digestOf('v1') })
  await service.tag(green, {
    [tagKey.version]: 'v9',
    [digestTagKey('')]: absent,
    [tagKey.bundle]: revision,
    // The hook waits for the coordinator, so that the machine stays to be looked at.
    [tagKey.release]: 'together',
  })
  good = await service.launch(blue)
  goodReadyz = good.watchReadyz()
  bad = await service.launch(green)
  badReadyz = bad.watchReadyz()
})

afterAll(async () => {
  await goodReadyz?.stop()
  await badReadyz?.stop()
  await service?.close()
})

test('without a version tag a machine waits and names the tag, and goes on once it is set', async () => {
  const report = await eventually('the report names the reason', async () => {
    const report = await service.report(good.id)
    return report?.reason?.code === 'no-version-tag' ? report : null
  })
  expect(report).toMatchObject({ phase: 'resolving', version: null, group: blue, service: 'web', images: [] })
  expect(report.reason).toMatchObject({ kind: 'retryable' })
  expect(await good.readyz()).toMatchObject({
    code: 503,
    body: `resolving: Group ${blue} has no tag switchover:version yet.\n`,
  })
  expect(await service.lifecycle(blue, good.id)).toBe('Pending:Wait')

  await service.tag(blue, { [tagKey.version]: 'v1' })
  await service.untilServing(blue, good)
})

test('a booted machine runs the digest its group names, and says so', async () => {
  const digest = await service.digestOf('v1')
  const container = await good.container()
  const inspect = (image: string) => good.sh(`docker image inspect --format '{{.Id}}' ${image}`)
  expect(await inspect(`${repository}:live`)).toBe(container.imageId)
  expect(await inspect(`${repository}@${digest}`)).toBe(container.imageId)

  const expected = {
    instanceId: good.id,
    phase: 'ready',
    reason: null,
    version: 'v1',
    bundle: service.stage.revision,
    images: [{ service: 'web', repository, digest, imageId: container.imageId }],
  }
  expect(await good.status()).toMatchObject(expected)
  await eventually('the report is ready', async () => (await service.report(good.id))?.phase === 'ready')
  expect(await service.report(good.id)).toMatchObject(expected)

  const journal = await good.journal()
  expect(journal).toContain('Launch hook boot completed with CONTINUE.')
  expect(journal).toMatch(/Pulled \S+@sha256:\w+: [\d.]+ [kM]B in /)
  // Confined as it is, the agent sees the engine's disk, and what older images there are.
  expect(journal).not.toMatch(/How much room|Older images were not/)
  expect(await good.sh('systemctl list-units --failed --plain --no-legend')).toBe('')
  expect(await good.sh('cloud-init status')).toBe('status: done')
})

test('cloud-init finds nothing wrong with the user-data', async () => {
  expect(await good.sh('cloud-init schema --system')).toContain('Valid schema user-data')
})

test('no answer was 200 before the app of this machine was started and verified', async () => {
  const answers = await goodReadyz.stop()
  const readyAt = Date.parse((await good.status()).since)
  const { startedAt } = await good.container()
  const firstReady = answers.find((answer) => answer.code === 200)
  expect(firstReady?.at).toBeGreaterThanOrEqual(readyAt)
  expect(readyAt).toBeGreaterThanOrEqual(startedAt)
  expect(answers.some((answer) => answer.code === 503)).toBe(true)
  const phases = [...(await good.journal()).matchAll(/ (\w+) -> (\w+)/g)].map(([, , to]) => to)
  // An app that answers at the first look leaves nothing to wait for in `verifying`.
  expect(phases.slice(0, phases.indexOf('ready') + 1).filter((phase) => phase !== 'verifying')).toEqual([
    'identifying',
    'resolving',
    'pulling',
    'retagging',
    'starting',
    'ready',
  ])
})

test('an image the registry does not have fails for good, in one sentence that names it', async () => {
  const report = await untilFailed()
  expect(report).toMatchObject({ version: 'v9', images: [] })
  expect(report.reason).toEqual({
    code: 'image-not-found',
    sentence: `The registry has no image ${repository}@${absent}.`,
    kind: 'terminal',
  })
  expect(await bad.readyz()).toMatchObject({ code: 503, body: `failed: ${report.reason?.sentence}\n` })
  expect(await bad.sh('docker ps --all --quiet')).toBe('')
})

test('a bundle without a pinned image fails for good', async () => {
  const { revision, tar, sha256 } = await bundleOf(`services: { web: { image: '${repository}:v1' } }\n`)
  await upload(service, { revision, sha256, tar })
  const report = await failsOn(revision)
  expect(report.reason).toEqual({
    code: 'bad-compose-file',
    sentence: 'The compose file has no pinned image: give the image that is deployed the tag ":live".',
    kind: 'terminal',
  })
  expect(await bad.readyz()).toMatchObject({ code: 503, body: `failed: ${report.reason?.sentence}\n` })
})

test('a bundle whose bytes are not those of its checksum fails for good, and nothing of it is run', async () => {
  const wanted = await bundleOf(`services: { web: { image: '${repository}:live' } }\n`)
  const other = await bundleOf(`services: { web: { image: '${repository}:live', privileged: true } }\n`)
  await upload(service, { ...wanted, tar: other.tar })
  const report = await failsOn(wanted.revision)
  expect(report.reason).toEqual({
    code: 'bundle-corrupt',
    sentence: `Bundle ${wanted.revision} has the SHA-256 ${other.sha256}, not ${wanted.sha256}.`,
    kind: 'terminal',
  })
  expect(await bad.sh('ls /var/lib/switchover/bundles')).not.toContain(wanted.revision)
})

test('a machine that has failed abandons its launch hook, and was never in service nor ready', async () => {
  await service.suspend(green, 'Launch')
  await service.tag(green, { [tagKey.release]: 'each' })
  await bad.sh('systemctl restart switchover-agent')
  await eventually('the machine is ended', async () => {
    const lifecycle = await service.lifecycle(green, bad.id)
    badLifecycles.add(lifecycle)
    return lifecycle === null
  })
  const answers = await badReadyz.stop()
  expect(answers.filter((answer) => answer.code === 200)).toEqual([])
  expect([...badLifecycles]).not.toContain('InService')
  expect((await service.ec2(bad.id)).State?.Name).toBe('terminated')
})

test('the installer run again changes nothing, and asks nothing of AWS', async () => {
  const before = await installed(good)
  service.scene.faults.aws = 'away'
  const result = await runInstaller(good).finally(() => (service.scene.faults.aws = null))
  expect(result).toEqual({ said: 'switchover: Agent 0.1.0 is installed.', code: 0 })
  expect(await installed(good)).toEqual(before)
})

test.each<[lack: string, Circumstances, sentence: string]>([
  ['root', { user: 'nobody' }, 'This has to run as root.'],
  [
    'a client that keeps secrets',
    { without: ['curl'], instead: { wget: 'echo BusyBox v1.37.0' } },
    'This machine image has neither curl nor GNU wget.',
  ],
  ['tar', { without: ['tar'] }, 'This machine image has no tar.'],
  ['systemd', { mounts: 'mount -t tmpfs none /run/systemd' }, 'systemd does not run this machine.'],
  [
    'a new glibc',
    { instead: { getconf: 'echo glibc 2.26' } },
    'The agent needs glibc 2.28 or later; this machine image says: glibc 2.26.',
  ],
  [
    'glibc',
    { instead: { getconf: 'echo "getconf: GNU_LIBC_VERSION: unknown variable" >&2; exit 1' } },
    'The agent needs glibc 2.28 or later; this machine image says: getconf: GNU_LIBC_VERSION: unknown variable.',
  ],
])(
  'the installer changes nothing on a machine without %s, and says so',
  async (_, circumstances, sentence) => {
    const before = await installed(good)
    expect(await runInstaller(good, circumstances)).toEqual({ said: `switchover: ${sentence}`, code: 78 })
    expect(await installed(good)).toEqual(before)
  },
)

test.each<[lack: string, Circumstances, sentence: string, code: number]>([
  [
    'an engine',
    {
      instead: { systemctl: '[ "$1" != cat ] && exec /usr/bin/systemctl "$@"' },
      mounts: 'mount --bind /dev/null /run/docker.sock',
    },
    'This machine image has no Docker engine: neither a docker.service nor /run/docker.sock is there.',
    78,
  ],
  [
    'compose',
    { instead: { docker: 'exit 1' }, without: ['docker-compose'] },
    `${needsCompose}; this machine image has no plugin and no docker-compose.`,
    78,
  ],
  [
    'a compose that is new enough',
    { instead: { docker: 'echo v2.16.0', 'docker-compose': 'echo 1.28.5' } },
    `${needsCompose}; this machine image has v2.16.0 and 1.28.5.`,
    78,
  ],
  [
    'an engine that answers',
    { instead: { docker: 'exit 1', 'docker-compose': 'echo 1.29.2', sleep: '' } },
    'The Docker engine does not answer: journalctl -u docker says why.',
    1,
  ],
])(
  'the installer leaves an agent, and says so, on a machine without %s',
  async (_, given, sentence, code) => {
    const said = `switchover: Agent 0.1.0 is installed.\nswitchover: ${sentence}`
    expect(await runInstaller(good, given)).toEqual({ said, code })
  },
)

test('an agent with another checksum than the user-data pins does not take the place of the one there is', async () => {
  const before = await installed(good)
  const sum = 'a'.repeat(64)
  const settings = { SWITCHOVER_AGENT_SHA256_X64: sum, SWITCHOVER_AGENT_SHA256_ARM64: sum }
  const { said, code } = await runInstaller(good, { settings, instead: { sleep: '' } })
  expect(said.match(/has another SHA-256 than the user-data pins/g)).toHaveLength(3)
  expect(code).toBe(1)
  expect(await installed(good)).toEqual(before)
})

test('another version of the agent takes over, and health checks and app notice nothing', async () => {
  await publishAs(service, '0.1.0-next')
  const container = await good.container()
  const readyz = good.watchReadyz()
  const app = good.watchApp()
  const settings = { SWITCHOVER_AGENT_VERSION: '0.1.0-next' }
  const result = await runInstaller(good, { settings })
  expect(result).toEqual({ said: 'switchover: Agent 0.1.0-next is installed.', code: 0 })
  await eventually('the new agent runs and is ready', async () => {
    const program = await good.sh('readlink /proc/$(systemctl show -P MainPID switchover-agent)/exe')
    return program.includes('/agent-0.1.0-next-') && (await good.status()).phase === 'ready'
  })
  const answers = [...(await readyz.stop()), ...(await app.stop())]
  expect(answers.filter(({ code }) => code !== 200)).toEqual([])
  expect(await good.container()).toEqual(container)
})

async function untilFailed() {
  return eventually('the report says that the machine failed', async () => {
    badLifecycles.add(await service.lifecycle(green, bad.id))
    const report = await service.report(bad.id)
    return report?.phase === 'failed' ? report : null
  })
}

/** The group's bundle is read once in the life of an agent that never was ready: when it starts. */
async function failsOn(revision: string) {
  await service.tag(green, { [tagKey.bundle]: revision, [digestTagKey('')]: await service.digestOf('v1') })
  await bad.sh('systemctl restart switchover-agent')
  return eventually('the report names this bundle', async () => {
    const report = await untilFailed()
    return report.bundle === revision ? report : null
  })
}
