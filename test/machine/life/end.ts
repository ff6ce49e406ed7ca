import { connect } from 'node:net'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buffer } from 'node:stream/consumers'
import {
  DescribeAutoScalingInstancesCommand,
  PutLifecycleHookCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { tagKey } from '@switchover/contract/tags'
import { expect, test } from 'vitest'
import { bundleOf, upload } from '../support/bundle.ts'
import type { Instance } from '../support/instance.ts'
import { eventually } from '../support/wait.ts'
import {
  blue,
  body,
  failed,
  green,
  instance,
  service,
  targetHealth,
  untilReplaced,
  watching,
} from './machine.ts'

const example = '@switchover/bootstrap/example/web/compose.yaml'

/** How a machine leaves, and another takes its place. */

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
  // What it began it ends, and what comes next has its own end for this machine.
  service.scene.cloud.ec2.spot.takeBack(instance.id)
  const drainsSince = Date.parse((await instance.status()).since)
  await eventually('the load balancer has seen it', async () => (await targetHealth()) === 'unhealthy')
  const stopped = await eventually('the app is stopped', async () =>
    Promise.resolve(app.answers.find((answer) => answer.code === null) ?? null),
  )
  expect(stopped.at - drainsSince).toBeGreaterThan(5_000)
  expect(failed(await app.stop()).filter((answer) => answer.at < stopped.at)).toEqual([])
  expect((await readyz.stop()).filter(({ sentAt, code }) => sentAt > draining.at && code === 200)).toEqual([])
})

test('a crashed machine is stopped to EC2, and its group replaces it with one of the version it has now', async () => {
  const crashed = instance
  await slowDrain()
  await service.scene.machines.crash(crashed.id)
  await eventually('EC2 has seen it', async () => (await service.ec2(crashed.id)).State?.Name === 'stopped')
  await untilReplaced()
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
  await service.tagVersion(green, 'v1')
  const warm = await service.launchWarm(green)
  await eventually(
    'it may be put away',
    async () =>
      (await warm.status()).reason?.code === 'warm-pool' && (await stateOf(warm)) === 'Warmed:Running',
  )
  expect(await warm.readyz()).toMatchObject({ code: 503 })
  expect(await warm.sh('docker ps --all --quiet')).toBe('')
  expect(await warm.sh('docker images --digests')).toContain(await service.digestOf('v1'))

  await service.tagVersion(green, 'v2')
  const called = await service.launch(green)
  expect(called.id).toBe(warm.id)
  await service.untilServing(green, warm)
  expect(await warm.status()).toMatchObject({
    version: 'v2',
    images: [{ digest: await service.digestOf('v2') }],
  })
  expect(await body(warm.app)).toBe('v2')
})

/** The group's next machine drains for longer than who looks at it may stall. */
async function slowDrain(): Promise<void> {
  const compose = await readFile(fileURLToPath(import.meta.resolve(example)), 'utf8')
  expect(compose).toContain('drain: 2s')
  const bundle = await bundleOf(compose.replace('drain: 2s', 'drain: 12s'))
  await upload(service, bundle)
  await service.tag(blue, { [tagKey.bundle]: bundle.revision })
}

/** As Auto Scaling has it, be it in the group or in its warm pool. */
async function stateOf({ id }: Instance): Promise<string | undefined> {
  const { AutoScalingInstances = [] } = await service.stage.clients.autoScaling.send(
    new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
  )
  return AutoScalingInstances[0]?.LifecycleState
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
