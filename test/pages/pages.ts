import { deploy } from '../../packages/coordinator/src/commands/deploy.ts'
import { finish } from '../../packages/coordinator/src/commands/finish.ts'
import { report } from '../../packages/coordinator/src/commands/report.ts'
import { rollback } from '../../packages/coordinator/src/commands/rollback.ts'
import { predictedTimeline } from '../../packages/coordinator/src/timeline/fixture.ts'
import type { Timeline } from '../../packages/coordinator/src/timeline/model.ts'
import { pageOf } from '../../packages/coordinator/src/timeline/page/page.ts'
import { portsOf } from '../../packages/coordinator/test/support/account.ts'
import { createService, type Service } from '../../packages/coordinator/test/support/fleet.ts'
import { common, v2 } from '../../packages/coordinator/test/support/options.ts'

/** Pages of every kind there is, by name. */
export async function makePages(): Promise<Map<string, string>> {
  const timelines: [string, Timeline][] = [
    ['predicted-4', predictedTimeline({ live: 4, idleMax: 4 })],
    ['predicted-400', predictedTimeline({ live: 400, idleMax: 400 })],
    ['parked', await reported(async () => undefined)],
    ['finished', await reported(async (service) => service.run(finish(portsOf(service, 'b'), common)))],
    ['rolled-back', await reported(async (service) => service.run(rollback(portsOf(service, 'b'), common)))],
    ['failed', await reported(async () => undefined, 'broken')],
  ]
  return new Map(timelines.map(([name, timeline]) => [name, pageOf(timeline)]))
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
