import { deploy } from '../../packages/coordinator/src/commands/deploy.ts'
import { finish } from '../../packages/coordinator/src/commands/finish.ts'
import { report } from '../../packages/coordinator/src/commands/report.ts'
import { rollback } from '../../packages/coordinator/src/commands/rollback.ts'
import { assumedBoot } from '../../packages/coordinator/src/decide/durations.ts'
import { beforeDeploy } from '../../packages/coordinator/src/decide/fixture.ts'
import { foretell } from '../../packages/coordinator/src/decide/predict.ts'
import { foretoldTimeline } from '../../packages/coordinator/src/timeline/foretold.ts'
import type { Timeline } from '../../packages/coordinator/src/timeline/model.ts'
import { pageOf } from '../../packages/coordinator/src/timeline/page/page.ts'
import { portsOf } from '../../packages/coordinator/test/support/account.ts'
import { createService, type Service } from '../../packages/coordinator/test/support/fleet.ts'
import { common, v2 } from '../../packages/coordinator/test/support/options.ts'

/** Pages of every kind there is, by name. */
export async function makePages(): Promise<Map<string, string>> {
  const timelines: [string, Timeline][] = [
    ['predicted-4', predicted(4)],
    ['predicted-400', predicted(400)],
    ['parked', await reported(async () => undefined)],
    ['finished', await reported(async (service) => service.run(finish(portsOf(service, 'b'), common)))],
    ['rolled-back', await reported(async (service) => service.run(rollback(portsOf(service, 'b'), common)))],
    ['failed', await reported(async () => undefined, 'broken')],
  ]
  return new Map(timelines.map(([name, timeline]) => [name, pageOf(timeline)]))
}

function predicted(live: number): Timeline {
  const check = {
    name: 'web',
    oneIsEnough: true,
    intervalMs: 10_000,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
  }
  const durations = { boot: assumedBoot, checks: [check], pollMs: 1_000 }
  const words = {
    describe: () => 'Do',
    calls: () => ['autoscaling EnterStandby'],
    summary: 'v2 would be deployed.',
  }
  const made = foretoldTimeline(foretell(beforeDeploy({ live, idleMax: live })), durations, words)
  if (made === null) throw new Error('Nothing was foretold.')
  return made
}

async function reported(
  then: (service: Service) => Promise<unknown>,
  behaviour: 'good' | 'broken' = 'good',
): Promise<Timeline> {
  const service = await createService(4)
  service.behaviours.set('v2', behaviour)
  await service.run(deploy(portsOf(service, 'a'), v2))
  await then(service)
  return (await report(portsOf(service, 'reader'), 'web', null)).details.timeline
}
