import { connect } from 'node:net'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import {
  DescribeAutoScalingInstancesCommand,
  PutLifecycleHookCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { RebootInstancesCommand } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import * as account from '@switchover/rehearsal/account'
import type { Instance } from './support/instance.ts'
import { repository, Service } from './support/service.ts'
import { eventually } from './support/wait.ts'
import { ask, type Answer, type Watch } from './support/watch.ts'

const [blue, green] = account.groupNames

let service: Service
let instance: Instance
const watches: Watch[] = []

beforeAll(async () => {
  service = await Service.open()
  await service.tag(blue, await tagsOf('v1'))
  // These tests end machines' health by hand; the group looks away until the one in which it must not.
  await service.suspend(blue, 'HealthCheck')
  instance = await service.launch(blue)
  await service.untilServing(blue, instance)
})

afterAll(async () => {
  await Promise.all(watches.map((watch) => watch.stop()))
  await service?.close()
})

test('a killed agent comes back by itself; health checks wait for it, and the app notices nothing', async () => {
  const container = await instance.container()
  const before = await unit('MainPID')
  const readyz = watching(instance.watchReadyz())
  const app = watching(instance.watchApp())
  await instance.sh('systemctl kill --signal=KILL switchover-agent')
  await eventually('another agent runs', async () => {
    const now = await unit('MainPID')
    return now !== '0' && now !== before && (await instance.status()).phase === 'ready'
  })
  await atLeast(readyz, readyz.answers.length + 5)

  expect(failed(await readyz.stop())).toEqual([])
  expect(failed(await app.stop())).toEqual([])
  expect(await unit('NRestarts')).toBe('1')
  expect(await instance.container()).toEqual(container)
  expect(await instance.status()).toMatchObject({
    phase: 'ready',
    version: 'v1',
    images: [{ imageId: container.imageId }],
  })
  expect(await targetHealth()).toBe('healthy')
})

test('a minute of an agent restarted or killed every second: no health check fails, and the app notices nothing', async () => {
  const app = await started()
  const readyz = watching(instance.watchReadyz({ everyMs: 500 }))
  const begun = Date.now()
  let ends = 0
  for (; Date.now() < begun + 60_000; ends += 1) {
    // Each agent has answered something before it goes: how slow this machine starts one is not the question.
    const answered = atLeast(readyz, readyz.answers.length + 1)
    await eventually('the second begins', async () => Promise.resolve(Date.now() >= begun + ends * 1_000))
    await answered
    if (ends % 2 === 0) await instance.sh('systemctl restart switchover-agent')
    else {
      // What has left the queue dies with the agent that took it, a millisecond of each half second.
      await atLeast(readyz, readyz.answers.length + 1)
      await instance.sh('systemctl kill --signal=KILL switchover-agent')
    }
  }
  await instance.untilReady()

  const answers = await readyz.stop()
  expect(ends).toBeGreaterThan(10)
  expect(failed(answers)).toEqual([])
  // Where checks time out after two seconds, an instance is unhealthy after two of them in a row, or more (ELBv2).
  const slow = answers.map(({ sentAt, at }) => at - sentAt > 2_000)
  expect(slow.filter((late, index) => late && slow[index - 1])).toEqual([])
  expect(await started()).toEqual(app)
})

test('an upgraded agent takes over from the one before it', async () => {
  const app = await started()
  const readyz = watching(instance.watchReadyz())
  await instance.sh(`
    cp -a "$(readlink -f /opt/switchover/current)" /opt/switchover/agent-next
    ln -s /opt/switchover/agent-next /opt/switchover/.current
    mv -T /opt/switchover/.current /opt/switchover/current
    systemctl restart switchover-agent`)
  await instance.untilReady()
  await atLeast(readyz, readyz.answers.length + 5)

  expect(failed(await readyz.stop())).toEqual([])
  expect(await instance.sh(`readlink /proc/${await unit('MainPID')}/exe`)).toBe(
    '/opt/switchover/agent-next/bin/node',
  )
  expect(await started()).toEqual(app)
})

test('the units are clean to systemd, confine the agent, and wait for no stage of cloud-init that could wait for them', async () => {
  const units = '/etc/systemd/system/switchover-agent.{service,socket}'
  expect(await instance.sh(`systemd-analyze verify ${units} 2>&1`)).toBe('')
  const security = await instance.sh('systemd-analyze security --no-pager switchover-agent.service')
  const exposure = /Overall exposure level for switchover-agent\.service: ([\d.]+)/.exec(security)?.[1]
  expect(Number(exposure)).toBeLessThanOrEqual(5)
  const before = await instance.sh(
    'systemctl list-dependencies --after --all --plain switchover-agent.service',
  )
  expect(before).toContain('docker.service')
  // User-data runs in cloud-final.service, and starts the agent from there.
  expect(before).not.toMatch(
    /cloud-config\.service|cloud-final\.service|cloud-init\.target|multi-user\.target/,
  )
})

test('a change of phase is found in the journal by its fields', async () => {
  const entries = await instance.sh(
    `journalctl --unit=switchover-agent --output=json --lines=1 SWITCHOVER_PHASE=ready SWITCHOVER_INSTANCE=${instance.id}`,
  )
  expect(JSON.parse(entries)).toMatchObject({
    MESSAGE: expect.stringMatching(/ -> ready$/),
    PRIORITY: '6',
    SYSLOG_IDENTIFIER: 'switchover-agent',
    SWITCHOVER_SERVICE: 'web',
    SWITCHOVER_GROUP: blue,
    SWITCHOVER_VERSION: 'v1',
  })
})

test('an agent that hangs is ended by its watchdog, and the next one serves', async () => {
  await dropIn('WatchdogSec=3s')
  await instance.sh('systemctl restart switchover-agent')
  const hung = await unit('MainPID')
  const app = await started()
  await instance.sh('systemctl kill --kill-whom=main --signal=STOP switchover-agent')
  await eventually('another agent runs', async () => !['0', hung].includes(await unit('MainPID')))
  await instance.untilReady()
  expect(await instance.journal()).toMatch(/switchover-agent\.service: Watchdog timeout/)
  expect(await started()).toEqual(app)
})

test('an agent that cannot use its configuration says why and is not started again', async () => {
  await dropIn('Environment=DOCKER_HOST=tcp://10.0.0.1:2375')
  await instance.sh('systemctl restart switchover-agent || true')
  await eventually('both units rest', async () => {
    const states = await instance.sh(
      'systemctl is-active switchover-agent.service switchover-agent.socket || true',
    )
    return states === 'failed\ninactive'
  })
  expect([await unit('ExecMainStatus'), await unit('NRestarts')]).toEqual(['78', '0'])
  expect(await instance.journal()).toContain(
    `DOCKER_HOST is "tcp://10.0.0.1:2375": the agent speaks to its own machine's engine only, unix://PATH.`,
  )

  await dropIn('')
  await instance.sh('systemctl start switchover-agent')
  await instance.untilReady()
  expect(await instance.sh('systemctl is-active switchover-agent.socket')).toBe('active')
})

test('an app that goes with its engine takes readiness with it; both come back by themselves', async () => {
  const { startedAt, imageId } = await instance.container()
  await instance.sh('systemctl stop docker.socket docker.service')
  const down = await eventually('the machine is not ready', async () => {
    const answer = await instance.readyz()
    return answer.code === 503 ? answer : null
  })
  expect(down.body).toMatch(/^verifying: .*127\.0\.0\.1:8080/)

  await instance.sh('systemctl start docker.service')
  await instance.untilReady()
  const container = await instance.container()
  expect(container.startedAt).toBeGreaterThan(startedAt)
  expect(container.imageId).toBe(imageId)
  expect(await instance.journal()).toContain('The Docker engine answers again.')
})

test('a rebooted machine comes back with the version it had, though its group has another by now', async () => {
  const boot = await instance.boot()
  await service.tag(blue, await tagsOf('v2'))
  const readyz = watching(instance.watchReadyz())
  await service.stage.clients.ec2.send(new RebootInstancesCommand({ InstanceIds: [instance.id] }))
  // Looked at over the network alone: a shell in a machine that goes down would hold it up.
  const down = await eventually('the machine is down', async () =>
    Promise.resolve(readyz.answers.find((answer) => answer.code === null) ?? null),
  )
  await instance.untilReady()

  expect(await instance.boot()).not.toBe(boot)
  const ended = await instance.sh('journalctl --boot=-1 --unit=switchover-agent')
  expect(ended).toContain('Ending (shutdown): the app is stopped in')
  const status = await instance.status()
  expect(status).toMatchObject({ version: 'v1', images: [{ digest: await service.digestOf('v1') }] })
  expect(await instance.journal()).toContain(`was verified to run v1 of group ${blue} before`)
  const answers = (await readyz.stop()).filter((answer) => answer.at > down.at)
  expect(answers.some((answer) => answer.code === 503)).toBe(true)
  expect(before(answers, Date.parse(status.since))).toEqual([])
  expect(Date.parse(status.since)).toBeGreaterThanOrEqual((await instance.container()).startedAt)
})

test('a machine that boots without an engine and out of reach of AWS waits for the engine, and says so', async () => {
  const boot = await instance.boot()
  await makeImpostor()
  await instance.sh('systemctl mask docker.service docker.socket')
  service.scene.faults.aws = 'away'
  // Pulls the plug from inside: nothing is stopped in order, and what ran is what Docker will restart.
  await instance.sh('systemctl reboot --force --force').catch(() => '')
  await eventually('a new boot', async () => (await instance.boot()) !== boot)

  const answer = await eventually('the agent names the engine', async () => {
    const answer = await instance.readyz()
    return answer.body.includes('engine') ? answer : null
  })
  expect(answer).toMatchObject({ code: 503, body: 'pulling: The Docker engine does not answer.\n' })
  expect(await instance.status()).toMatchObject({ version: 'v1', images: [] })
})

test('what Docker itself restarts does not count, however well it answers; the agent goes on by itself', async () => {
  const pid = await unit('MainPID')
  const readyz = watching(instance.watchReadyz())
  // Held for a while, so that the engine has the time to do its worst.
  await instance.sh('systemctl kill --kill-whom=main --signal=STOP switchover-agent')
  await instance.sh('systemctl unmask docker.service docker.socket; systemctl start docker.service')
  await eventually('the impostor answers', async () => (await body(instance.app)) === 'impostor')
  await instance.sh('systemctl kill --kill-whom=main --signal=CONT switchover-agent')
  await instance.untilReady()

  expect(await unit('MainPID')).toBe(pid)
  expect(await body(instance.app)).toBe('v1')
  const status = await instance.status()
  const { imageId, startedAt } = await instance.container()
  expect(status).toMatchObject({ phase: 'ready', images: [{ imageId }] })
  expect(Date.parse(status.since)).toBeGreaterThanOrEqual(startedAt)
  expect(before(await readyz.stop(), Date.parse(status.since))).toEqual([])

  service.scene.faults.aws = null
  expect(status.images[0]?.digest).toBe(await service.digestOf('v1'))
  await eventually('the report arrives', async () => {
    const report = await service.report(instance.id)
    return report?.since === status.since ? true : null
  })
})

test('an agent that starts while the metadata service is off goes on with what this boot has verified', async () => {
  const readyz = watching(instance.watchReadyz())
  service.scene.faults.metadata = { httpEndpoint: 'disabled' }
  await instance.sh('systemctl restart switchover-agent')
  await eventually('the new agent has asked', async () =>
    (await instance.journal()).includes('it is switched off for this instance'),
  )
  await atLeast(readyz, readyz.answers.length + 5)
  expect(failed(await readyz.stop())).toEqual([])
  expect(await instance.status()).toMatchObject({ phase: 'ready', reason: null })
  service.scene.faults.metadata = {}
})

test('a Spot machine is reported and leaves in time: out of the load balancer first, then its app', async () => {
  const readyz = watching(instance.watchReadyz())
  const app = watching(instance.watchApp())
  const aheadMs = 32_000
  const at = Date.now() + aheadMs
  service.scene.cloud.ec2.spot.interrupt(instance.id, 'terminate', aheadMs)
  await eventually('the notice is reported', async () => {
    const report = await service.report(instance.id)
    return report?.interruption?.action === 'terminate' && report.phase === 'ready'
  })
  const draining = await eventually('readiness is withdrawn', async () =>
    Promise.resolve(readyz.answers.find((answer) => answer.code !== 200) ?? null),
  )
  expect(draining).toMatchObject({ code: 503, body: 'draining: EC2 takes this Spot instance back.\n' })
  // The bundle's drain of 2 s, twice its 5 s until the load balancer has seen it, and 10 s; a notice has whole seconds.
  expect(at - draining.at).toBeLessThanOrEqual(23_000)
  await eventually('the load balancer has seen it', async () => (await targetHealth()) === 'unhealthy')
  const stopped = await eventually('the app is stopped', async () =>
    Promise.resolve(app.answers.find((answer) => answer.code === null) ?? null),
  )
  expect(stopped.at - draining.at).toBeGreaterThan(5_000)
  expect(failed(await app.stop()).filter((answer) => answer.at < stopped.at)).toEqual([])
  expect((await readyz.stop()).filter(({ sentAt, code }) => sentAt > draining.at && code === 200)).toEqual([])
  // What comes next has its own end for this machine.
  service.scene.cloud.ec2.spot.takeBack(instance.id)
})

test('a crashed machine is stopped to EC2, and its group replaces it with one of the version it has now', async () => {
  const crashed = instance
  await service.scene.machines.crash(crashed.id)
  await eventually('EC2 has seen it', async () => (await service.ec2(crashed.id)).State?.Name === 'stopped')
  await service.resume(blue, 'HealthCheck')
  instance = await service.launched(blue, [crashed.id])
  await service.untilServing(blue, instance)
  expect(await instance.status()).toMatchObject({
    version: 'v2',
    images: [{ digest: await service.digestOf('v2') }],
  })
  // Draining and ending the old one has its own time, which a quick replacement does not wait for.
  await eventually(
    'the group has let it go',
    async () => (await service.lifecycle(blue, crashed.id)) === null,
  )
})

test('a machine that is terminated is out of the load balancer first, and answers what is under way', async () => {
  await service.stage.clients.autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName: blue,
      LifecycleHookName: 'end',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      HeartbeatTimeout: 600,
    }),
  )
  const readyz = watching(instance.watchReadyz())
  const app = watching(instance.watchApp())
  const { version } = await instance.status()
  const slow = await beginRequest(instance)
  await service.stage.clients.autoScaling.send(
    new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: instance.id,
      ShouldDecrementDesiredCapacity: true,
    }),
  )
  const draining = await eventually('readiness is withdrawn', async () =>
    Promise.resolve(readyz.answers.find((answer) => answer.code !== 200) ?? null),
  )
  expect(draining).toMatchObject({ code: 503, body: 'draining: Auto Scaling terminates this instance.\n' })
  const answer = await slow.finish()
  expect(answer).toMatch(/^HTTP\/1\.[01] 200 /)
  expect(answer.split('\r\n\r\n')[1]).toBe(`${version}\n`)
  await eventually('the machine is ended, long before its hook would end it', async () =>
    (await service.ec2(instance.id)).State?.Name === 'terminated' ? true : null,
  )

  const appAnswers = await app.stop()
  const stoppedAt = appAnswers.find((answer) => answer.code === null)?.sentAt ?? 0
  const meanwhile = appAnswers.filter((answer) => answer.sentAt > draining.at && answer.at < stoppedAt)
  expect(meanwhile.length).toBeGreaterThan(2)
  expect(failed(meanwhile)).toEqual([])
  expect((await readyz.stop()).filter(({ sentAt, code }) => sentAt > draining.at && code === 200)).toEqual([])
})

test('a machine of the warm pool pulls ahead and stays down; called in, it runs what its group is tagged with by then', async () => {
  await service.tag(green, await tagsOf('v1'))
  const warm = await service.launchWarm(green)
  await eventually(
    'it may be put away',
    async () =>
      (await warm.status()).reason?.code === 'warm-pool' && (await stateOf(warm)) === 'Warmed:Running',
  )
  expect(await warm.readyz()).toMatchObject({ code: 503 })
  expect(await warm.sh('docker ps --all --quiet')).toBe('')
  expect(await warm.sh('docker images --digests')).toContain(await service.digestOf('v1'))

  await service.tag(green, await tagsOf('v2'))
  const called = await service.launch(green)
  expect(called.id).toBe(warm.id)
  await service.untilServing(green, warm)
  expect(await warm.status()).toMatchObject({
    version: 'v2',
    images: [{ digest: await service.digestOf('v2') }],
  })
  expect(await body(warm.app)).toBe('v2')
})

/** As Auto Scaling has it, be it in the group or in its warm pool. */
async function stateOf({ id }: Instance): Promise<string | undefined> {
  const { AutoScalingInstances = [] } = await service.stage.clients.autoScaling.send(
    new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
  )
  return AutoScalingInstances[0]?.LifecycleState
}

async function tagsOf(version: string): Promise<Record<string, string>> {
  return {
    [tagKey.version]: version,
    [digestTagKey('')]: await service.digestOf(version),
    [tagKey.bundle]: service.stage.revision,
  }
}

function watching(watch: Watch): Watch {
  watches.push(watch)
  return watch
}

function atLeast(watch: Watch, answers: number): Promise<boolean> {
  return eventually('more answers', async () => Promise.resolve(watch.answers.length >= answers))
}

function failed(answers: readonly Answer[]): Answer[] {
  return answers.filter((answer) => answer.code !== 200)
}

/** Answers that call the machine ready before it was. */
function before(answers: readonly Answer[], readyAt: number): Answer[] {
  return answers.filter((answer) => answer.code === 200 && answer.at < readyAt)
}

/** Settings of the agent's unit on top of those it has, until the machine starts anew or others are given. */
async function dropIn(settings: string): Promise<void> {
  const directory = '/run/systemd/system/switchover-agent.service.d'
  await instance.sh(`
    mkdir -p ${directory}
    printf '[Service]\\n%s\\n' '${settings}' >${directory}/test.conf
    systemctl daemon-reload`)
}

/** Which containers the machine has, and when each was started. */
function started(): Promise<string> {
  return instance.sh(`docker ps --all --quiet --no-trunc | sort |
    xargs docker inspect --format '{{.Id}} {{.State.StartedAt}} {{.RestartCount}}'`)
}

function unit(property: string): Promise<string> {
  return instance.sh(`systemctl show --value --property=${property} switchover-agent`)
}

async function targetHealth(): Promise<string | undefined> {
  const { clients, targetGroupArn } = service.stage
  const { TargetHealthDescriptions = [] } = await clients.elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: instance.id }] }),
  )
  return TargetHealthDescriptions[0]?.TargetHealth?.State
}

/** Somebody moves the pinned name to an image of their own and runs that, while the agent is away. */
async function makeImpostor(): Promise<void> {
  const project = `/var/lib/switchover/bundles/${service.stage.revision}`
  await instance.sh(`
    systemctl stop switchover-agent.socket switchover-agent.service
    web=$(docker ps --quiet --filter label=com.docker.compose.service=web)
    docker exec $web busybox sh -c 'echo impostor >/www/index.html'
    docker commit $web ${repository}:live
    docker compose -p web -f ${project}/compose.yaml --project-directory ${project} up -d --pull never
    sync`)
  await eventually('the impostor answers', async () => (await body(instance.app)) === 'impostor')
}

async function body(url: string): Promise<string> {
  return (await ask(url)).body.trim()
}

/** A request whose first half is sent now, and whose end is sent, and answer read, by `finish`. */
async function beginRequest({ app }: Instance): Promise<{ finish: () => Promise<string> }> {
  const { hostname, port } = new URL(app)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write('GET / HTTP/1.0\r\n')
  return {
    finish: async () => {
      socket.write('\r\n')
      return (await buffer(socket)).toString('utf8')
    },
  }
}
