import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling'
import type { AutoScalingInstanceDetails } from '@aws-sdk/client-auto-scaling'
import type { AwsClients } from '../aws/clients.ts'
import { classify, errorText } from '../aws/errors.ts'
import type { Step, StepKind, StepOf } from '../decide/step.ts'
import { StalePermission, type HeldLease } from '../record/lease.ts'
import { callsOf } from './calls.ts'
import { Miss } from './miss.ts'

/**
 * `again`: the step did not take effect, or nobody can say; the world must be looked at again before anything is repeated.
 * `busy` says that AWS asked for patience.
 */
export type ActResult = { kind: 'done' } | { kind: 'again'; busy: boolean; sentence: string }

/** Ids in one DescribeAutoScalingInstances (API reference). */
const idsPerCall = 50

type Context = Readonly<{ clients: AwsClients; lease: Pick<HeldLease, 'permit'> }>

/**
 * Carries out one step. Everything AWS may answer because the world moved on, is busy or lost a reply means look again.
 * @throws {Refusal} (3) when the lease is lost; the SDK's error for what looking again will not heal.
 */
export async function act({ clients, lease }: Context, step: Step): Promise<ActResult> {
  try {
    const calls = callsOf(step)
    await guard(clients, step)
    for (const call of calls) await call.send(clients, lease)
    return { kind: 'done' }
  } catch (error) {
    if (error instanceof StalePermission || error instanceof Miss) return again(error, false)
    const kind = classify(error)
    // Auto Scaling does it by itself a little later: a role that may not is no reason to stop.
    if (kind === 'denied' && step.kind === 'deregister') return again(error, false)
    if (kind === 'busy' || kind === 'throttle') return again(error, true)
    if (kind === 'miss' || kind === 'transport') return again(error, false)
    throw error
  }
}

function again(error: unknown, busy: boolean): ActResult {
  return { kind: 'again', busy, sentence: errorText(error) }
}

type Guards = { [K in StepKind]?: (clients: AwsClients, step: StepOf<K>) => Promise<void> }

/** What AWS itself would not refuse, and must not be done to a world that has moved on. */
const guards: Guards = { detach: onlyFromStandby, terminate: onlyOutsideGroups }

async function guard<K extends StepKind>(clients: AwsClients, step: StepOf<K>): Promise<void> {
  const check: ((clients: AwsClients, step: StepOf<K>) => Promise<void>) | undefined = guards[step.kind]
  await check?.(clients, step)
}

/** Only out of Standby: AWS detaches one that somebody has returned to service just as readily. */
async function onlyFromStandby(clients: AwsClients, { instances }: StepOf<'detach'>): Promise<void> {
  const found = await membership(clients, instances)
  const back = found.find(({ LifecycleState }) => LifecycleState !== 'Standby')
  if (back) throw new Miss(`${back.InstanceId} is ${back.LifecycleState}, so it is not detached.`)
}

/**
 * Ends machines only while no group has them: terminated in Standby, they would stay in it for ever (Auto Scaling user
 * guide, as-enter-exit-standby).
 */
async function onlyOutsideGroups(clients: AwsClients, { instances }: StepOf<'terminate'>): Promise<void> {
  const found = await membership(clients, instances)
  const member = found.find(({ LifecycleState }) => LifecycleState !== 'Detached')
  if (member) {
    throw new Miss(
      `${member.InstanceId} is still in ${member.AutoScalingGroupName} (${member.LifecycleState}), so it is not terminated yet.`,
    )
  }
}

/**
 * What Auto Scaling says of instances, whichever group they are in; of one in no group it says nothing (API reference,
 * DescribeAutoScalingInstances).
 */
async function membership(
  { autoScaling }: AwsClients,
  instances: readonly string[],
): Promise<AutoScalingInstanceDetails[]> {
  const found: AutoScalingInstanceDetails[] = []
  for (let start = 0; start < instances.length; start += idsPerCall) {
    const InstanceIds = instances.slice(start, start + idsPerCall)
    const { AutoScalingInstances = [] } = await autoScaling.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds }),
    )
    found.push(...AutoScalingInstances)
  }
  return found
}
