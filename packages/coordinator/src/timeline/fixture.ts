import type { Trace } from '@switchover/contract/trace'
import { assumedBoot } from '../decide/durations.ts'
import { beforeDeploy, type Shape } from '../decide/fixture.ts'
import { foretell } from '../decide/predict.ts'
import { foretoldTimeline } from './foretold.ts'
import type { Timeline } from './model.ts'

const check = {
  name: 'web',
  oneIsEnough: true,
  intervalMs: 10_000,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
}
export const durations = { boot: assumedBoot, checks: [check], pollMs: 1_000 }

const words = {
  describe: () => 'Do',
  calls: ({ kind }: { kind: string }) => [`autoscaling ${kind}`],
  summary: 'v2 would be deployed.',
}

/** What is foretold of a deployment that begins so. */
export function predictedTimeline(shape: Shape): Timeline {
  const made = foretoldTimeline(foretell(beforeDeploy(shape)), durations, words)
  if (made === null) throw new Error('Nothing was foretold.')
  return made
}

/** Of a run that saw nothing. */
export function emptyTrace(more: Partial<Trace>): Trace {
  return {
    schema: 1,
    id: 'd1',
    service: 'web',
    owner: 'a',
    goal: 'deploy',
    from: 0,
    to: 60_000,
    rest: 'parked',
    sources: [],
    instances: [],
    left: 0,
    required: [],
    happenings: [],
    calls: { bucketMs: 1_000, operations: {} },
    ...more,
  }
}
