import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { metadataOptions } from '../src/ec2/metadata-options.ts'
import { RegistryTokens } from '../src/ecr/tokens.ts'
import type { Available } from '../src/instances/container/available.ts'
import { containerMachines, type ContainerMachines } from '../src/instances/container/container-machines.ts'
import { docker, dockerLines } from '../src/instances/container/docker.ts'
import { ensureEngine } from '../src/instances/container/engine.ts'
import { networksWithRules } from '../src/instances/container/firewall.ts'
import { ensureMachineImage } from '../src/instances/container/image.ts'
import type { ImdsRequest } from '../src/instances/container/imds.ts'
import { removeLeftovers } from '../src/instances/container/network.ts'
import { ensureRegistry, type Registry } from '../src/instances/container/registry.ts'
import type { Machine, MachineKind } from '../src/instances/kind.ts'
import { RealClock } from '../src/real-clock.ts'
import { Access } from '../src/iam/access.ts'
import { readPolicy } from '../src/iam/policy.ts'
import { Identities } from '../src/sts/identities.ts'

const SETUP = { install: false, say: (sentence: string) => process.stderr.write(`${sentence}\n`) }
const limitMs = 180_000
const INSTANCE = 'i-0c0ffee0c0ffee001'
const USER_DATA = `#cloud-config
write_files:
  - path: /opt/marker
    content: written
runcmd:
  - echo once >>/var/log/runcmd.times
`

let registry: Registry
let machines: ContainerMachines
let kind: MachineKind
let machine: Machine
let ip: string
let lifecycleState: string | null = null
const clock = new RealClock()
const tokens = new RegistryTokens(clock)
const place = { account: '123456789012', region: 'us-east-1' }
const identities = new Identities(clock, place.account)
const pulls = {
  Effect: 'Allow',
  Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  Resource: 'arn:aws:ecr:us-east-1:123456789012:repository/web',
}
const access = new Access(place, {
  'web-role': [readPolicy({ Version: '2012-10-17', Statement: pulls }, 'web-role')],
})
const seen: ImdsRequest[] = []
const events: string[] = []

beforeAll(async () => {
  need(await ensureEngine(SETUP))
  registry = need(await ensureRegistry(SETUP))
  const image = need(await ensureMachineImage(SETUP))
  await pushSample(image, registry)
  const say = SETUP.say
  machines = await containerMachines({
    image,
    registryUrl: registry.url,
    say,
    onMetadataRequest: (r) => seen.push(r),
  })
  kind = machines.connect({
    clock,
    ...place,
    ec2: {
      instance: () => undefined,
      tagsOf: () => ({}),
      spot: { notices: () => ({ interruption: null, rebalanceAt: null }) },
    },
    autoScaling: { targetLifecycleState: () => lifecycleState },
    identities,
    registryTokens: tokens,
    access,
  })
  ip = kind.nextIp()
  machine = kind.start(
    {
      instanceId: INSTANCE,
      ip,
      imageId: 'ami-0123456789abcdef0',
      instanceType: 't3.small',
      availabilityZone: 'us-east-1a',
      role: 'web-role',
      userData: USER_DATA,
      launchedAt: clock.now(),
      metadataOptions: metadataOptions(),
      tags: {},
    },
    { running: () => events.push('running'), stopped: () => events.push('stopped') },
  )
  await until('user-data has run', async () => (await read('/var/log/runcmd.times')) !== '')
})

afterAll(async () => {
  await machines?.close()
  await registry?.close()
})

test('cloud-init finds EC2 and takes the user-data through IMDSv2 alone', async () => {
  expect(events).toEqual(['running'])
  expect(await read('/opt/marker')).toBe('written')
  expect(await inside('cloud-init', 'query', 'cloud_name')).toBe('aws')
  expect(await inside('cloud-init', 'query', 'instance_id')).toBe(INSTANCE)
  const asked = seen.filter((request) => request.ip === ip)
  expect(asked).toContainEqual({ ip, method: 'PUT', path: '/latest/api/token', status: 200, token: false })
  expect(asked.some((request) => request.path.endsWith('/user-data') && request.status === 200)).toBe(true)
  expect(
    asked.filter((request) => request.method !== 'PUT' && !request.token && request.status === 200),
  ).toEqual([])
})

test('the system is whole: nothing failed, an engine of its own, the hostname of EC2', async () => {
  expect(await inside('systemctl', 'is-system-running', '--wait')).toBe('running')
  expect(await inside('docker', 'info', '--format', '{{.Driver}}')).toBe('overlay2')
  expect(await inside('hostname', '--short')).toBe(`ip-${ip.replaceAll('.', '-')}`)
  expect(await machines.journal(INSTANCE, { unit: 'docker' })).toContain('API listen on /run/docker.sock')
})

test('the metadata service gives role credentials and follows the target lifecycle state', async () => {
  expect(await metadata('iam/security-credentials/')).toBe('web-role')
  expect(JSON.parse(await metadata('iam/security-credentials/web-role'))).toMatchObject({
    Code: 'Success',
    AccessKeyId: expect.stringMatching(/^ASIA/),
  })
  expect(await metadata('autoscaling/target-lifecycle-state')).toContain('404 - Not Found')
  lifecycleState = 'InService'
  expect(await metadata('autoscaling/target-lifecycle-state')).toBe('InService')
})

test('the ECR-like registry wants a login, and gives images to who has one and may have them', async () => {
  const image = `${machines.registryHost}/web:v1`
  const refused = await machines.exec(INSTANCE, ['docker', 'pull', image])
  expect(refused.stderr).toContain('no basic auth credentials')
  await login('not-a-token')
  const { token } = tokens.issue(identities.instance(INSTANCE, 'web-role'))
  expect(await login(token)).toBe(0)
  expect(await inside('docker', 'pull', '--quiet', image)).toBe(image)
  const other = await machines.exec(INSTANCE, ['docker', 'pull', `${machines.registryHost}/shop:v1`])
  expect(other.stderr).toContain(
    `assumed-role/web-role/${INSTANCE} is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:123456789012:repository/shop`,
  )
  await inside(
    'docker',
    'run',
    '--detach',
    '--name',
    'web',
    '--publish',
    '80:80',
    '--restart',
    'always',
    image,
  )
  await until('the service answers', async () => (await body(`http://${ip}/`)) === 'v1')
})

test('a reboot keeps identity and disk, runs user-data no second time, and the engine brings the service back', async () => {
  const before = await read('/proc/sys/kernel/random/boot_id')
  const identity = await read('/etc/machine-id')
  await machine.reboot()
  await until('a new boot', async () => !['', before].includes(await read('/proc/sys/kernel/random/boot_id')))
  await until('the service answers again', async () => (await body(`http://${ip}/`)) === 'v1')
  await inside('systemctl', 'is-system-running', '--wait')
  expect(await read('/etc/machine-id')).toBe(identity)
  expect(await read('/var/log/runcmd.times')).toBe('once')
  expect(await metadata('instance-id')).toBe(INSTANCE)
  expect(events).toEqual(['running'])
})

test('power-off from inside is seen as stopped', async () => {
  await machines.exec(INSTANCE, ['systemctl', 'poweroff'])
  await until('EC2 has seen it', async () => events.includes('stopped'))
})

test('terminate and close leave nothing behind', async () => {
  const [container = ''] = await containers()
  const [network = ''] = container.split('-i-')
  const mounts = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}'
  const volumes = (await docker(['inspect', '--format', mounts, container])).trim().split(' ')
  expect(volumes).toHaveLength(2)
  expect(await networksWithRules()).toContain(network)

  await machine.terminate()
  await machine.terminate()
  expect(await containers()).toEqual([])
  const left = new Set(await dockerLines(['volume', 'ls', '--quiet']))
  expect(volumes.filter((volume) => left.has(volume))).toEqual([])

  await machines.close()
  expect(await networks()).not.toContain(network)
  expect(await networksWithRules()).not.toContain(network)
})

test('what a killed run left is removed by the next, what a living one uses is not', async () => {
  const source = new URL('../src/instances/container/network.ts', import.meta.url).href
  const script = `const { createNetwork } = await import('${source}')
    const network = await createNetwork()
    await network.serveMetadata(9)
    console.log(network.name)
    process.stdin.resume()`
  const killed = execa('node', ['--input-type=module', '--eval', script], { reject: false, stdin: 'pipe' })
  const [chunk] = (await once(killed.stdout, 'data')) as [Buffer]
  const name = chunk.toString().trim()
  await removeLeftovers()
  expect(await networks()).toContain(name)

  killed.kill('SIGKILL')
  await killed
  await removeLeftovers()
  expect(await networks()).not.toContain(name)
  expect(await networksWithRules()).not.toContain(name)
})

function containers(): Promise<string[]> {
  return dockerLines(['ps', '--all', '--filter', `name=${INSTANCE}`, '--format', '{{.Names}}'])
}

function networks(): Promise<string[]> {
  return dockerLines(['network', 'ls', '--format', '{{.Name}}'])
}

function need<T>(available: Available<T>): T {
  if (!available.ok) throw new Error(available.why)
  return available.value
}

/** A web server of two megabytes, made from a program of the instances' own system: no base image is pulled. */
async function pushSample(machineImage: string, { host }: Registry): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'switchover-sample-'))
  const serve = `trap 'exit 0' TERM; busybox httpd -f -p 80 -h /www & wait`
  await writeFile(
    join(directory, 'Dockerfile'),
    `FROM scratch
COPY --from=${machineImage} /bin/busybox /bin/busybox
COPY index.html /www/
ENTRYPOINT ["/bin/busybox", "sh", "-c", "${serve}"]
`,
  )
  await writeFile(join(directory, 'index.html'), 'v1')
  const image = `${host}/web:v1`
  await docker(['build', '--quiet', '--tag', image, directory])
  await docker(['push', '--quiet', image])
  await docker(['rmi', image])
  await rm(directory, { recursive: true })
}

async function inside(...command: string[]): Promise<string> {
  const result = await machines.exec(INSTANCE, command)
  expect(result, command.join(' ')).toMatchObject({ exitCode: 0 })
  return result.stdout
}

async function read(path: string): Promise<string> {
  return (await machines.exec(INSTANCE, ['cat', path])).stdout
}

async function metadata(path: string): Promise<string> {
  const token = await inside(
    'curl',
    '-sX',
    'PUT',
    '-H',
    'X-aws-ec2-metadata-token-ttl-seconds: 60',
    url('api/token'),
  )
  return inside('curl', '-s', '-H', `X-aws-ec2-metadata-token: ${token}`, url(`meta-data/${path}`))
}

function url(path: string): string {
  return `http://169.254.169.254/latest/${path}`
}

async function login(token: string): Promise<number> {
  const command = `printf %s "$1" | docker login --username AWS --password-stdin ${machines.registryHost}`
  return (await machines.exec(INSTANCE, ['sh', '-c', command, 'sh', token])).exitCode
}

async function body(url: string): Promise<string> {
  return fetch(url, { signal: AbortSignal.timeout(2000) })
    .then((response) => response.text())
    .catch(() => '')
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = clock.now() + limitMs
  while (!(await condition())) {
    if (clock.now() > end) throw new Error(`Waited ${limitMs / 1_000} s in vain: ${what}`)
    await new Promise<void>((resolve) => clock.after(200, resolve))
  }
}
