import { calm, isCalm } from './fate.ts'
import type { CommandPlan, Plan, ServicePlan } from './plan.ts'

const simplest: Partial<ServicePlan> = {
  first: false,
  bundle: false,
  v2: 'good',
  scaling: 'none',
  launchHook: false,
  terminationHook: false,
  protectedFromScaleIn: false,
  suspendedLive: [],
  suspendedIdle: [],
  sources: ['alb'],
  slowStartS: 0,
  drainS: 5,
  healthCheckType: 'ELB',
  healthIntervalS: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  skewMs: 0,
}
const plainFlags = {
  canary: null,
  bakeS: null,
  alarm: false,
  finishAfterS: null,
  desired: null,
  onFailure: 'rollback',
  readiness: 'agent',
  release: 'each',
  digest: true,
} as const

/** Runs at most before what is there is taken for small enough. */
const runsMost = 200

/**
 * The smallest plan found that still breaks what it broke, and how many were tried.
 * @param breaks whether a plan does
 */
export async function shrink(
  plan: Plan,
  breaks: (plan: Plan) => Promise<boolean>,
): Promise<{ plan: Plan; runs: number }> {
  let smallest = plan
  let runs = 0
  for (let found = true; found && runs < runsMost;) {
    found = false
    for (const candidate of smaller(smallest)) {
      if (runs >= runsMost) break
      runs += 1
      if (!(await breaks(candidate))) continue
      smallest = candidate
      found = true
      break
    }
  }
  return { plan: smallest, runs }
}

/** Every plan that is one step simpler, the greatest steps first. */
function* smaller(plan: Plan): Generator<Plan> {
  for (const key of ['heirs', 'others', 'hands', 'events', 'faults'] as const) {
    if (plan[key].length > 1) yield { ...plan, [key]: [] }
    for (const at of plan[key].keys()) yield { ...plan, [key]: plan[key].toSpliced(at, 1) }
  }
  for (const [at, heir] of plan.heirs.entries())
    if (heir.takeOver) yield { ...plan, heirs: plan.heirs.with(at, { ...heir, takeOver: false }) }
  if (plan.story.length > 1) yield { ...plan, story: plan.story.slice(0, -1) }
  for (const [at, command] of plan.story.entries())
    for (const simpler of simplerCommands(command)) yield { ...plan, story: plan.story.with(at, simpler) }
  for (const service of simplerServices(plan.service)) yield { ...plan, service }
  for (const [at, fault] of plan.faults.entries())
    if (fault.times > 1) yield { ...plan, faults: plan.faults.with(at, { ...fault, times: 1 }) }
}

function* simplerCommands(one: CommandPlan): Generator<CommandPlan> {
  if (!isCalm(one.fate)) yield { ...one, fate: calm }
  const { command } = one
  if (command.kind === 'deploy') {
    for (const [flag, value] of Object.entries(plainFlags)) {
      const flags = { ...command.flags, [flag]: value }
      if (command.flags[flag as keyof typeof plainFlags] !== value)
        yield { ...one, command: { ...command, flags } }
    }
  }
  if (command.kind === 'rollback' && (command.keep > 0 || command.floor < 100))
    yield { ...one, command: { ...command, keep: 0, floor: 100 } }
}

function* simplerServices(service: ServicePlan): Generator<ServicePlan> {
  for (const [key, value] of Object.entries(simplest))
    if (JSON.stringify(service[key as keyof ServicePlan]) !== JSON.stringify(value))
      yield { ...service, [key]: value }
  for (const live of [1, service.live - 1])
    if (live >= 1 && live < service.live) yield { ...service, live, min: Math.min(service.min, live) }
}
