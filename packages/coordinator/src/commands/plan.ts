import type { Deployment } from '@switchover/contract/deployment'
import { formatDuration } from '@switchover/contract/duration'
import { predictTimes, type Part, type Timeline as Times } from '../decide/predict-time.ts'
import { foretell } from '../decide/predict.ts'
import type { Step } from '../decide/step.ts'
import type { ResultEvent } from '../events.ts'
import { planDeployment, type Planned } from '../preflight/deploy.ts'
import { readDurations } from '../preflight/durations.ts'
import { readTargetGroups } from '../preflight/target-groups.ts'
import type { Call } from '../run/call.ts'
import { callsOf } from '../run/calls.ts'
import { describeCall } from '../run/describe-call.ts'
import { describeStep } from '../run/narrate.ts'
import { Observer } from '../run/observe.ts'
import type { Ports } from '../run/ports.ts'
import { foretoldTimeline } from '../timeline/foretold.ts'
import type { Timeline } from '../timeline/model.ts'
import { canFinishBefore, planAfter, refuseOther } from './earlier.ts'
import type { DeployOptions } from './options.ts'
import { goingOn, openService, type OpenService } from './service.ts'

/** `picture`: the prediction as a report would draw it; null where nothing would be done, or only after a finish. */
export type Plan = Readonly<{ result: ResultEvent; picture: Timeline | null }>

/**
 * `deploy --plan`: the steps the same decisions would take from the world as it is now, if all goes well. Reads only, needs
 * no lease.
 * @throws {Refusal} as `deploy` would before it changes anything.
 */
export async function planWithPicture(
  ports: Pick<Ports, 'clients' | 'clock' | 'random' | 'emit' | 'pollMs'>,
  options: DeployOptions,
): Promise<Plan> {
  const { clients, clock, emit, pollMs } = ports
  const found = await openService(ports, options.service)
  const { pair, store, stored } = found
  const earlier = stored.record?.deployment
  if (earlier && canFinishBefore(earlier) && options.finishPrevious)
    return { result: await planAfterFinish(ports, options, found, earlier), picture: null }
  if (earlier) refuseOther(earlier, options)
  const planned: Planned = earlier
    ? { kind: 'deploy', deployment: goingOn(earlier, store.clock.now()), warnings: [] }
    : await planDeployment(clients, options, { id: 'plan', now: store.clock.now(), pair })
  warn(ports, planned)
  if (planned.kind === 'nothing-to-do') return { result: resultOf(ports, planned.sentence, 0), picture: null }
  const observer = new Observer(clients, pair.store, store.clock, options.service)
  const world = await observer.observe(planned.deployment)
  const durations =
    planned.deployment.durations ??
    (await readDurations(clients, pair, await readTargetGroups(clients, pair.groups)))
  const foretold = foretell(world)
  const steps = foretold.map(({ step }) => step)
  for (const [index, step] of steps.entries()) {
    const calls = callsOf(step).map(({ operation, input }) => ({ operation, input }))
    const text = [stepLine(index, step), ...calls.map((call) => `      ${describeCall(call)}`)].join('\n')
    emit({ event: 'plan', at: clock.now(), text, step: step.kind, calls })
  }
  const timeline = predictTimes(foretold, { ...durations, pollMs })
  emit({ event: 'plan', at: clock.now(), text: describeTimeline(timeline), step: 'timeline', calls: [] })
  const summary = summaryOf(planned.deployment, steps, timeline)
  const picture = foretoldTimeline(
    foretold,
    { ...durations, pollMs },
    { describe: describeStep, calls: (step) => callsOf(step).map(callName), summary },
  )
  const result = resultOf(ports, summary, steps.length)
  return { result: { ...result, details: { ...result.details, timeline } }, picture }
}

function warn({ clock, emit }: Pick<Ports, 'clock' | 'emit'>, { warnings }: Planned): void {
  for (const text of warnings) emit({ event: 'warning', at: clock.now(), text })
}

/** As a run counts them. EC2 is asked for nothing but terminations. */
function callName({ operation }: Call): string {
  return `${operation === 'TerminateInstances' ? 'ec2' : operation === 'PutMetricAlarm' ? 'cloudwatch' : 'autoscaling'} ${operation}`
}

/** The same without the picture. */
export async function planDeploy(
  ports: Parameters<typeof planWithPicture>[0],
  options: DeployOptions,
): Promise<ResultEvent> {
  return (await planWithPicture(ports, options)).result
}

function stepLine(index: number, step: Step): string {
  return `${String(index + 1).padStart(2)}. ${step.kind === 'wait' ? '' : `${describeStep(step)}. `}${step.why}`
}

function summaryOf(
  { service, version, new: fresh }: Deployment,
  steps: readonly Step[],
  { switchedMs, endedMs }: Times,
): string {
  const last = steps.at(-1)
  const took = `about ${formatDuration(endedMs)}`
  if (last?.kind === 'settle' && last.stage === 'canary')
    return `A canary of ${version} would serve on ${fresh.name} after ${steps.length} steps and ${took}, until \`switchover promote ${service}\` deploys it as a whole or \`switchover rollback ${service}\` ends it; nothing was changed.`
  const switched = switchedMs === null ? '' : `switched after about ${formatDuration(switchedMs)}, `
  return `${version} would be deployed to ${fresh.name} in ${steps.length} steps, ${switched}ended after ${took}; nothing was changed.`
}

/** Where the time goes, a line a part. */
function describeTimeline({ switched, ended, switchedMs, endedMs }: Times): string {
  return [
    ...(switchedMs === null ? [] : [`Switched after about ${formatDuration(switchedMs)}:`]),
    ...switched.map(describePart),
    `Ended after about ${formatDuration(endedMs)}:`,
    ...ended.map(describePart),
    'The record in the store is written before every step that changes something.',
  ].join('\n')
}

function describePart({ what, ms }: Part): string {
  return `${formatDuration(ms).padStart(10)}  ${what}`
}

/** The steps of a deployment that begins with another world are not foretold; what stands in its way is. */
async function planAfterFinish(
  ports: Pick<Ports, 'clients' | 'clock' | 'emit'>,
  options: DeployOptions,
  open: OpenService,
  earlier: Deployment,
): Promise<ResultEvent> {
  const planned = await planAfter(ports, options, open, earlier)
  warn(ports, planned)
  if (planned.kind === 'nothing-to-do') return resultOf(ports, planned.sentence, 0)
  const kept = earlier.stage === 'kept'
  const { name } = kept ? earlier.new : earlier.old
  const text = `Finish the deployment of ${earlier.version}: end the ${kept ? 'kept' : 'parked'} instances of ${name}.`
  ports.emit({ event: 'plan', at: ports.clock.now(), text, step: 'finish', calls: [] })
  return resultOf(
    ports,
    `${options.version} would be deployed to ${name} after that; nothing was changed.`,
    1,
  )
}

function resultOf({ clock }: Pick<Ports, 'clock'>, text: string, steps: number): ResultEvent {
  return {
    event: 'result',
    at: clock.now(),
    text,
    outcome: 'done',
    exitCode: 0,
    next: null,
    details: { plan: true, steps },
  }
}
