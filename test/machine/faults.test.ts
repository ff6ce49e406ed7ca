import {
  EnterStandbyCommand,
  ExitStandbyCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Phase } from '@switchover/contract/report'
import { tagKey } from '@switchover/contract/tags'
import * as account from '@switchover/rehearsal/account'
import type { SceneFaults } from '@switchover/rehearsal/container-scene'
import { bundleOf, upload } from './support/bundle.ts'
import type { Instance } from './support/instance.ts'
import { repository, Service } from './support/service.ts'
import { eventually } from './support/wait.ts'

/** Rule 8 of the design: no fault makes a ready agent unready, and none makes an unready one ready. */

const [blue] = account.groupNames

let service: Service
let machine: Instance

beforeAll(async () => {
  service = await Service.open()
  await service.tagVersion(blue, 'v1')
  machine = await service.launch(blue)
  await service.untilServing(blue, machine)
  // The machine is made unhealthy again and again, and must stay to be looked at.
  await service.suspend(blue, 'HealthCheck', 'ReplaceUnhealthy', 'Terminate')
})

afterAll(() => service?.close())

type Fault = Readonly<{
  name: string
  /** Outside the machine. */
  scene?: Partial<SceneFaults>
  /** On the machine: what brings it about, and what ends it. */
  breaks?: string
  heals?: string
}>

const refused = (status: number, code: string, message: string): Partial<SceneFaults> => ({
  registry: { kind: 'refuse', status, code, message },
})

const awsAway: Fault = { name: 'AWS is out of reach', scene: { aws: 'away' } }
const awsThrottles: Fault = { name: 'AWS throttles', scene: { aws: 'throttling' } }
const awsFails: Fault = { name: 'AWS fails', scene: { aws: 'failing' } }
const imdsOff: Fault = {
  name: 'the metadata service is off',
  scene: { metadata: { httpEndpoint: 'disabled' } },
}
const imdsSilent: Fault = {
  name: 'the metadata service is silent',
  scene: { metadata: { tokenReachesCaller: false } },
}
const wrongLogin: Fault = {
  name: 'the registry takes no login',
  scene: refused(401, 'UNAUTHORIZED', 'authentication required'),
}
const throttled: Fault = {
  name: 'the registry throttles',
  scene: refused(429, 'TOOMANYREQUESTS', 'Rate exceeded'),
}
const registryFails: Fault = { name: 'the registry fails', scene: refused(500, 'UNKNOWN', 'unknown error') }
const noImage: Fault = {
  name: 'the registry has no such image',
  scene: refused(404, 'MANIFEST_UNKNOWN', 'manifest unknown'),
}
const cutLayers: Fault = {
  name: 'layers break off',
  scene: { registry: { kind: 'cut', afterBytes: 100_000 } },
}
const engineHangs: Fault = {
  name: 'the engine hangs',
  breaks: 'systemctl kill --kill-whom=main --signal=STOP docker.service',
  heals: 'systemctl kill --kill-whom=main --signal=CONT docker.service',
}
const fullEngine: Fault = {
  name: "the engine's disk is full",
  breaks: `systemctl stop docker.socket docker.service
    mount -t tmpfs -o size=1m none /var/lib/docker
    systemctl start docker.service`,
  heals: `systemctl stop docker.socket docker.service
    umount --lazy /var/lib/docker
    systemctl start docker.service`,
}
const fullState: Fault = {
  name: "the agent's disk is full",
  breaks: `cp -a /var/lib/switchover /run/saved
    mount -t tmpfs -o size=64k none /var/lib/switchover
    cp -a /run/saved/. /var/lib/switchover
    dd if=/dev/zero of=/var/lib/switchover/filler bs=1k status=none || true`,
  heals: 'umount --lazy /var/lib/switchover',
}
const portTaken: Fault = {
  name: 'compose cannot start the app, whose port is taken',
  breaks: 'systemd-run --quiet --unit=squatter busybox httpd -f -p 8080 -h /run',
  heals: 'systemctl stop squatter',
}

async function begin({ scene, breaks }: Fault): Promise<void> {
  Object.assign(service.scene.faults, scene)
  if (breaks !== undefined) await machine.sh(breaks)
}

async function end({ heals }: Fault): Promise<void> {
  Object.assign(service.scene.faults, { aws: null, metadata: {}, registry: null } satisfies SceneFaults)
  if (heals !== undefined) await machine.sh(heals)
}

const startAgent = 'systemctl start --no-block switchover-agent.socket switchover-agent.service'

describe('a ready machine', () => {
  const faults = [
    awsAway,
    awsThrottles,
    awsFails,
    imdsOff,
    imdsSilent,
    wrongLogin,
    throttled,
    registryFails,
    noImage,
    engineHangs,
    fullState,
  ]
  /** A fault that asks nothing of a ready agent meets a restarted one; without an engine that one could prove nothing. */
  test.each(faults)('stays ready while $name', async (fault) => {
    const before = await machine.container()
    await begin(fault)
    const readyz = machine.watchReadyz()
    try {
      if (fault !== engineHangs) await machine.sh('systemctl restart switchover-agent')
      await eventually('the agent was asked often', async () => Promise.resolve(readyz.answers.length >= 15))
    } finally {
      await end(fault)
    }
    expect((await readyz.stop()).filter(({ code }) => code !== 200)).toEqual([])
    expect(await machine.container()).toEqual(before)
  })
})

describe('a new machine', () => {
  beforeEach(() => machine.forget())

  const named: (Fault & { code: string })[] = [
    { ...awsAway, code: 'aws-unreachable' },
    { ...awsThrottles, code: 'throttled' },
    { ...imdsSilent, code: 'metadata-unreachable' },
    { ...wrongLogin, code: 'registry-login' },
    { ...throttled, code: 'registry-throttled' },
    { ...registryFails, code: 'pull-failed' },
    { ...fullEngine, code: 'disk-full' },
    { ...portTaken, code: 'compose-failed' },
  ]
  test.each(named)(
    'is not ready while $name, says $code, and goes on by itself afterwards',
    async (fault) => {
      await begin(fault)
      const readyz = machine.watchReadyz()
      try {
        await machine.sh(startAgent)
        await eventually('the agent names the fault', async () => {
          const code = await machine.reasonCode()
          if (code !== fault.code) throw new Error(`It says ${code}.`)
          return true
        })
        expect(readyz.answers.filter(({ code }) => code === 200)).toEqual([])
      } finally {
        await end(fault)
      }
      await machine.untilReady()
      await readyz.stop()
    },
  )

  // The engine goes on trying by itself for a minute, and hangs for half of one before it counts as out of reach.
  test.each([cutLayers, engineHangs])(
    'is not ready while $name, and goes on by itself afterwards',
    async (fault) => {
      await begin(fault)
      const readyz = machine.watchReadyz()
      try {
        await machine.sh(startAgent)
        await eventually('the machine was asked often', async () =>
          Promise.resolve(readyz.answers.length >= 15),
        )
        expect(readyz.answers.filter(({ code }) => code === 200)).toEqual([])
      } finally {
        await end(fault)
      }
      await machine.untilReady()
      await readyz.stop()
    },
  )

  test('is not ready while the app crashes again and again, and is once it no longer does', async () => {
    const marker = '/run/broken'
    const bundle = await bundleOf(`
services:
  web:
    image: ${repository}:live
    entrypoint: ["/bin/busybox", "sh", "-c", "[ ! -e ${marker} ] && exec busybox httpd -f -p 8080 -h /www"]
    volumes: ["/run:/run"]
    ports: ["8080:8080"]
    restart: unless-stopped
x-switchover:
  health: { url: "http://127.0.0.1:8080/health", interval: 1s }
`)
    await upload(service, bundle)
    await service.tag(blue, { [tagKey.bundle]: bundle.revision })
    const readyz = machine.watchReadyz()
    try {
      await machine.sh(`touch ${marker}; ${startAgent}`)
      await eventually('Docker has started it again more than once', async () => {
        const restarts = await machine.sh(
          "docker ps --quiet | xargs docker inspect --format '{{.RestartCount}}'",
        )
        return Number(restarts) > 1
      })
      expect((await machine.status()).reason?.code).toMatch(/^app-/)
      expect(readyz.answers.filter(({ code }) => code === 200)).toEqual([])
      await machine.sh(`rm ${marker}`)
      await machine.untilReady()
    } finally {
      await readyz.stop()
      await service.tag(blue, { [tagKey.bundle]: service.stage.revision })
    }
  })

  test('whose agent is killed on entering each phase in turn comes up all the same', async () => {
    const phases = ['identifying', 'resolving', 'pulling', 'retagging', 'starting', 'verifying', 'ready']
    const since = await machine.endOfJournal()
    const moments = phases.map((_, at) => [
      '^Starting switchover-agent.service',
      `-> (${phases.slice(at).join('|')})`,
    ])
    await machine.sh(startAgent)
    await machine.killAt(moments, since)
    await machine.untilReady()
    expect(await machine.sh('systemctl show --value --property=NRestarts switchover-agent')).toBe(
      String(phases.length),
    )
    expect((await machine.status()).images).toMatchObject([
      { imageId: (await machine.container()).imageId, digest: await service.digestOf('v1') },
    ])
  })

  test('whose agent is killed as it fails, fails again and is never ready', async () => {
    await begin(noImage)
    const readyz = machine.watchReadyz()
    try {
      await machine.sh(startAgent)
      await untilPhase('failed')
      await killAgent()
      await untilPhase('failed')
      expect(await machine.reasonCode()).toBe('image-not-found')
    } finally {
      await end(noImage)
    }
    expect((await readyz.stop()).filter(({ code }) => code === 200)).toEqual([])
  })
})

describe('a serving machine', () => {
  const group = { AutoScalingGroupName: blue }

  beforeAll(async () => {
    await machine.forget()
    await machine.sh(startAgent)
    await machine.untilReady()
  })

  test('whose agent is killed as it is parked stays parked and ready, and comes back', async () => {
    const { autoScaling } = service.stage.clients
    const one = { ...group, InstanceIds: [machine.id] }
    await autoScaling.send(new EnterStandbyCommand({ ...one, ShouldDecrementDesiredCapacity: true }))
    await untilPhase('parked')
    await killAgent()
    await untilPhase('parked')
    expect((await machine.readyz()).code).toBe(200)
    // The agent parks at what is to come; the group takes back only what its activity has brought there.
    await eventually('the group has it in Standby', async () => {
      return (await service.lifecycle(blue, machine.id)) === 'Standby'
    })
    await autoScaling.send(new ExitStandbyCommand(one))
    await untilPhase('ready')
    await service.untilServing(blue, machine)
  })

  test('whose agent is killed as it drains is not ready again, and ends in order', async () => {
    const app = machine.watchApp()
    const readyz = machine.watchReadyz()
    const killed = machine.killAt([['-> draining']], await machine.endOfJournal())
    await service.stage.clients.autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: machine.id,
        ShouldDecrementDesiredCapacity: true,
      }),
    )
    await killed
    const killedAt = Date.now()
    await eventually('the machine is ended', async () =>
      (await service.ec2(machine.id)).State?.Name === 'terminated' ? true : null,
    )
    const later = (await readyz.stop()).filter(({ sentAt }) => sentAt > killedAt)
    expect(later.filter(({ code }) => code === 200)).toEqual([])
    expect((await app.stop()).some(({ code }) => code === 200)).toBe(true)
  })
})

function untilPhase(phase: Phase): Promise<boolean> {
  return eventually(`the phase is ${phase}`, async () => (await machine.status()).phase === phase)
}

/** What is asked afterwards waits at the socket for the next agent. */
async function killAgent(): Promise<void> {
  await machine.sh('systemctl kill --kill-whom=main --signal=KILL switchover-agent')
}
