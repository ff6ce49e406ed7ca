import { beforeAll, expect, test } from 'vitest'
import { bundleCoordinator, run, start } from '../support/coordinator.ts'
import { liveService, type LiveService } from '../support/live-service.ts'
import { repository } from '../support/virtual-service.ts'
import { until } from '../support/until.ts'

/** Canaries that bake under a CloudWatch alarm, by real processes over the wire. */

beforeAll(bundleCoordinator)

const alarm = 'web-5xx'
const flags = ['--yes']
const canary = ['deploy', 'web', 'v2', '--image', repository, '--canary', '30%', '--alarm', alarm]

async function prepared(): Promise<LiveService> {
  const service = await liveService({ instances: 4 })
  const actions = { OK: [], ALARM: [], INSUFFICIENT_DATA: [] }
  service.cloud.cloudWatch.put(alarm, { actionsEnabled: true, actions, definition: {} })
  turn(service, 'OK')
  return service
}

function turn({ cloud: { cloudWatch } }: LiveService, state: 'OK' | 'ALARM'): void {
  cloudWatch.setState(cloudWatch.alarm(alarm), state, `Threshold Crossed: it is ${state} now.`, null)
}

test('a canary whose alarm stays quiet is promoted by itself', async () => {
  await using service = await prepared()
  const ended = await run([...canary, '--bake', '3s', ...flags], service.env)
  expect(ended).toMatchObject({ code: 0 })
  const steps = ended.events.flatMap((one) => (one.event === 'step' ? one.step : []))
  expect(steps.indexOf('mark-bake')).toBeLessThan(steps.indexOf('promote'))
  expect(steps.indexOf('promote')).toBeLessThan(steps.indexOf('enter-standby'))
  expect(await service.ending()).toMatchObject({
    stage: 'parked',
    lease: null,
    strays: [],
    healthyTargets: 4,
  })
})

test('a canary whose alarm rings is gone, and live as it was', async () => {
  await using service = await prepared()
  const before = await service.ending()
  const deploying = start([...canary, '--bake', '1h', ...flags], service.env)
  // Two canaries of four beside the whole of live.
  const serves = async () => (await service.ending()).healthyTargets === 6
  await until(serves, 120_000, 'the canaries are healthy')
  turn(service, 'ALARM')
  const ended = await deploying.ended
  expect(ended).toMatchObject({ code: 1 })
  expect(ended.events.at(-1)).toMatchObject({
    outcome: 'failed',
    text: expect.stringContaining(`The alarm ${alarm} rings: Threshold Crossed: it is ALARM now.`),
  })
  const { groups, ...after } = await service.ending()
  expect(groups['web-blue']).toEqual(before.groups['web-blue'])
  expect(groups['web-green']).toMatchObject({ min: 0, desired: 0, lifecycles: [], suspended: [] })
  expect(after).toMatchObject({
    stage: null,
    lease: null,
    history: ['failed'],
    strays: [],
    healthyTargets: 4,
  })
})
