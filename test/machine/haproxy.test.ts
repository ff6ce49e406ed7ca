import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureCommands } from '@switchover/local-aws/instances/container/commands'
import { freePort } from '@switchover/local-aws/listening'
import { createNarrator } from '@switchover/rehearsal/narrator'
import { prepare, type Stage } from '@switchover/rehearsal/prepare'
import type { Scene } from '@switchover/rehearsal/scene'
import { switchover } from '@switchover/rehearsal/switchover-cli'
import { startTraffic } from '@switchover/rehearsal/traffic'
import { openVirtualScene } from '@switchover/rehearsal/virtual-scene'
import { HaProxy, type Target } from '../support/haproxy.ts'
import { until } from '../support/until.ts'

/**
 * The same traffic through a proxy that is not ours. It learns from the API who is registered and who drains, and judges
 * health by its own checks of the agents' endpoint.
 */

const { signal } = new AbortController()
const ports = { appPort: 8_080, agentPort: 8_090 }
let scene: Scene
let stage: Stage

beforeAll(async () => {
  const haproxy = await ensureCommands(['haproxy'], { install: true, say: console.log })
  expect(haproxy).toMatchObject({ ok: true })
  scene = await openVirtualScene({ say: console.log, install: false, signal })
  const narrator = createNarrator(
    () => undefined,
    () => performance.now(),
  )
  stage = await prepare(scene, narrator, { instances: 3, signal })
})
afterAll(() => scene?.close())

test('not one request fails through HAProxy while a version is deployed, rolled back, deployed again and finished', async () => {
  const port = await freePort()
  await using proxy = await HaProxy.start({ port, ...ports })
  const url = `http://127.0.0.1:${port}/`
  const following = new AbortController()
  const follower = follow(proxy, following.signal)
  try {
    const answers = () =>
      fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    await until(answers, 120_000, 'HAProxy finds the instances healthy')
    const traffic = startTraffic(url, 100, 600_000)
    for (const command of [
      ['deploy', 'web', 'v2'],
      ['rollback', 'web'],
      ['deploy', 'web', 'v2'],
      ['finish', 'web'],
    ]) {
      const { exitCode, stderr } = await switchover([...command, '--yes'], { env: stage.env, signal })
      expect(exitCode, stderr).toBe(0)
    }
    const { sent, failed, failures, byVersion } = await traffic.stop()
    expect(failures).toEqual([])
    expect({ failed, answeredByBoth: Object.keys(byVersion).toSorted() }).toEqual({
      failed: 0,
      answeredByBoth: ['v1', 'v2'],
    })
    console.log(`${sent} requests through HAProxy, none failed: ${JSON.stringify(byVersion)}`)
  } finally {
    following.abort()
    await follower
  }
})

/** Hands over each change of the target group, ten times a second. */
async function follow(proxy: HaProxy, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await proxy.update(await registered())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function registered(): Promise<Target[]> {
  const { elb, ec2 } = stage.clients
  const health = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: stage.targetGroupArn }))
  const rows = (health.TargetHealthDescriptions ?? []).filter((row) => row.TargetHealth?.State !== 'unused')
  const ids = rows.map((row) => row.Target?.Id ?? '')
  if (ids.length === 0) return []
  const answer = await ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }))
  const instances = (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? [])
  const ips = new Map(instances.map((instance) => [instance.InstanceId, instance.PrivateIpAddress ?? '']))
  return rows.map((row) => ({
    id: row.Target?.Id ?? '',
    ip: ips.get(row.Target?.Id) ?? '',
    draining: row.TargetHealth?.State === 'draining',
  }))
}
