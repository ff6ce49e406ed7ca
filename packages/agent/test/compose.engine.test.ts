import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@switchover/local-aws/listening'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Agent } from '../src/agent.ts'
import { systemClock } from '../src/clock.ts'
import type { Plan } from '../src/decide/observation.ts'
import { dockerCompose, type Compose } from '../src/engine/compose.ts'
import { dockerEngine } from '../src/engine/engine.ts'
import { findCompose } from '../src/engine/find-compose.ts'
import { Machine } from './support/machine.ts'
import { partsOf } from './support/parts.ts'
import { importImage, push, removeImages, startRegistry, type Registry } from './support/registry.ts'

const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  DOCKER_HOST: 'unix:///var/run/docker.sock',
}
const found = await findCompose(env).catch((error: unknown) => String(error))
const host129 = typeof found !== 'string' && found.dialect === 'v1'
if (!host129) {
  const instead = typeof found === 'string' ? found : `${found.name} is what this host has.`
  process.stderr.write(`NOT TESTED: docker-compose 1.29. ${instead}\n`)
}

/** The compose of this host: on Debian 12 docker-compose 1.29. Machine tests run the plugin of version 2. */
describe.skipIf(typeof found === 'string')('compose as this host has it', () => {
  const project = `switchover-compose-${process.pid}`
  const log: string[] = []
  const socketPath = '/var/run/docker.sock'
  const docker = new Docker({ socketPath })
  let registry: Registry
  let repository: string
  let directory: string
  let compose: Compose
  /** What tells the app to die, and how often. */
  let orders: string
  let machine: Machine

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-compose-'))
    registry = await startRegistry()
    repository = `127.0.0.1:${registry.port}/web`
    await importImage(docker, `${repository}:v1`)
    const digest = await push(docker, `${repository}:v1`)
    await docker.getImage(`${repository}:v1`).remove()
    compose = dockerCompose({
      env,
      clock: systemClock,
      log: { info: (text) => void log.push(text), warn: () => undefined, error: () => undefined },
    })
    orders = join(directory, 'orders')
    await mkdir(orders)
    const port = await freePort()
    machine = await Machine.create(composeFile(repository, port, orders))
    machine.tags = { ...machine.tags, service: project, digests: { '': digest } }
  })

  afterAll(async () => {
    for (const { Id } of await rows()) await docker.getContainer(Id).remove({ force: true })
    await removeImages(docker, [repository])
    await registry.stop()
    await machine[Symbol.asyncDispose]()
    await rm(directory, { recursive: true, force: true })
  })

  test('pulls nothing, though the registry has the image, and says what is missing', async () => {
    const composeFile = join(directory, 'absent.yaml')
    await writeFile(composeFile, `services: { web: { image: "${repository}:v1", network_mode: host } }\n`)
    const plan: Plan = {
      directory: directory,
      composeFile,
      settings: {
        port: 8_090,
        drain: 0,
        checks: { interval: 30_000, threshold: 2 },
        parked: { stop: [] },
      },
      pinned: [],
      sidecars: [{ service: 'web', image: `${repository}:v1`, source: `${repository}:v1` }],
      services: ['web'],
    }
    const up = compose.up(project, plan, [], new AbortController().signal)
    await expect(up).rejects.toMatchObject({ reason: { code: 'compose-failed', kind: 'retryable' } })
    if (host129) await expect(up).rejects.toThrow('The image of service web is not on this machine.')
    const names = (await docker.listImages()).flatMap((image) => image.RepoTags ?? [])
    expect(names.filter((one) => one.startsWith(repository))).toEqual([])
  })

  test('a machine comes up with it; a container that dies is left to its own restart policy first, and named after that; workers rest in Standby', async () => {
    const orphan = await orphaned()
    const agent = await Agent.create({
      ...partsOf(machine),
      clock: systemClock,
      engine: dockerEngine({ socketPath, clock: systemClock }),
      compose,
    })
    const seen: string[] = []
    agent.status.onChange(() => seen.push(`${agent.status.phase} ${agent.status.ready}`))
    const stop = new AbortController()
    const done = agent.run(stop.signal)
    try {
      const until = (ready: boolean) => expect.poll(() => agent.status.ready, { interval: 50 }).toBe(ready)
      await until(true)
      if (host129) expect(log).toContain('Compose of this machine: docker-compose 1.29.2.')
      expect(log.some((line) => line.startsWith('compose: ') && /creat/i.test(line))).toBe(true)
      expect(await containers()).toEqual(['migrate exited', 'web running', 'worker running'])
      await expect(docker.getContainer(orphan).inspect()).rejects.toMatchObject({ statusCode: 404 })

      seen.length = 0
      const [web] = await rows('com.docker.compose.service=web')
      const [migrate] = await rows('com.docker.compose.service=migrate')
      await docker.getContainer(migrate?.Id ?? '').remove()
      await expect.poll(() => containers()).toEqual(['migrate exited', 'web running', 'worker running'])
      expect([agent.status.ready, seen]).toEqual([true, []])

      machine.target = 'Standby'
      const parked = ['migrate exited', 'web running', 'worker exited']
      await expect.poll(() => containers()).toEqual(parked)
      expect([agent.status.phase, agent.status.ready]).toEqual(['parked', true])
      const [done] = await rows('com.docker.compose.service=migrate')
      await docker.getContainer(done?.Id ?? '').remove()
      // Of what rests nothing is started with it.
      await expect.poll(() => containers()).toEqual(parked)
      machine.target = 'InService'
      await expect.poll(() => containers()).toEqual(['migrate exited', 'web running', 'worker running'])
      expect(await rows('com.docker.compose.service=web')).toMatchObject([{ Id: web?.Id }])
      expect([agent.status.phase, agent.status.ready]).toEqual(['ready', true])
      seen.length = 0

      await writeFile(join(orders, 'die'), '')
      await expect.poll(() => restarts()).toBe(1)
      await expect
        .poll(() =>
          access(join(orders, 'die')).then(
            () => true,
            () => false,
          ),
        )
        .toBe(false)
      expect([agent.status.ready, seen]).toEqual([true, []])

      await writeFile(join(orders, 'stay'), '')
      await writeFile(join(orders, 'die'), '')
      await until(false)
      expect(agent.status.reason?.sentence).toMatch(
        /^The container of service web is (restarting|exited) \(exit code 3\)\.$|^http:.*(ECONNREFUSED|ECONNRESET|socket hang up)/,
      )
      await expect
        .poll(() => machine.reports.at(-1)?.logs)
        .toMatchObject([{ service: 'web', lines: expect.arrayContaining(['token=[redacted]', 'I die.']) }])
    } finally {
      stop.abort()
      await done
    }
  })

  function rows(...labels: string[]) {
    const filters = { label: [`com.docker.compose.project=${project}`, ...labels] }
    return docker.listContainers({ all: true, filters })
  }

  async function containers(): Promise<string[]> {
    const names = (await rows()).map((row) => `${row.Labels['com.docker.compose.service']} ${row.State}`)
    return names.toSorted()
  }

  async function restarts(): Promise<number> {
    const [row] = await rows('com.docker.compose.service=web')
    return row === undefined ? -1 : (await docker.getContainer(row.Id).inspect()).RestartCount
  }

  /** A container of the project whose service the file no longer has. */
  async function orphaned(): Promise<string> {
    await importImage(docker, `${repository}:orphan`)
    const container = await docker.createContainer({
      Image: `${repository}:orphan`,
      Labels: {
        'com.docker.compose.project': project,
        'com.docker.compose.service': 'gone',
        'com.docker.compose.oneoff': 'False',
        'com.docker.compose.container-number': '1',
        // What compose of version 2 knows its own by.
        'com.docker.compose.config-hash': 'none',
      },
      HostConfig: { NetworkMode: 'none' },
    })
    await container.start()
    return container.id
  }
})

/** `web` dies when it is ordered to, of its own accord again while `stay` is there; `migrate` is done at once; `worker` rests in Standby. */
function composeFile(repository: string, port: number, orders: string): string {
  const web = `
    /bin/busybox mkdir -p /www
    echo ok >/www/index.html
    echo token=s3cr3t-of-the-app
    /bin/busybox httpd -p 127.0.0.1:${port} -h /www
    while [ ! -e /orders/die ]; do /bin/busybox sleep 0.1; done
    [ -e /orders/stay ] || /bin/busybox rm /orders/die
    echo I die.
    exit 3`
  return JSON.stringify({
    services: {
      web: {
        image: `${repository}:live`,
        restart: 'unless-stopped',
        depends_on: ['worker'],
        network_mode: 'host',
        volumes: [`${orders}:/orders`],
        command: ['/bin/busybox', 'sh', '-c', web],
      },
      migrate: {
        image: `${repository}:live`,
        restart: 'no',
        network_mode: 'none',
        command: ['/bin/busybox', 'true'],
      },
      worker: {
        image: `${repository}:live`,
        restart: 'unless-stopped',
        network_mode: 'none',
        stop_signal: 'SIGKILL',
        command: ['/bin/busybox', 'sleep', '3600'],
      },
    },
    'x-switchover': {
      parked: { stop: ['worker'] },
      health: {
        url: `http://127.0.0.1:${port}/`,
        // Docker may take seconds to start again what died.
        interval: '600ms',
        timeout: '5s',
        healthy: 2,
        unhealthy: 10,
      },
    },
  })
}
