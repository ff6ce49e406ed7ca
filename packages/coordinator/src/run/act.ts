import {
  CompleteLifecycleActionCommand,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeAutoScalingInstancesCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
  type AutoScalingInstanceDetails,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { tagKey } from '@switchover/contract/tags'
import type { AwsClients } from '../aws/clients.ts'
import { classify, errorText } from '../aws/errors.ts'
import type { Step, StepKind, StepOf } from '../decide/step.ts'
import { StalePermission, type HeldLease } from '../record/lease.ts'
import { sendPermitted } from './permitted.ts'

/**
 * `again`: the step did not take effect, or nobody can say; the world must be looked at again before anything is repeated.
 * `busy` says that AWS asked for patience.
 */
export type ActResult = { kind: 'done' } | { kind: 'again'; busy: boolean; sentence: string }

type Context = Readonly<{ clients: AwsClients; lease: HeldLease }>
type Executors = { [K in StepKind]: (context: Context, step: StepOf<K>) => Promise<void> }

/** The world is not as the step assumes: found by a guard of our own. */
class Miss extends Error {
  override readonly name = 'Miss'
}

/** Tags are added and removed at most 25 a call (aws.md 1.0). No step names more instances than a call may. */
const tagsPerCall = 25

/**
 * Carries out one step. Everything AWS may answer because the world moved on, is busy or lost a reply means look again.
 * @throws {Refusal} (3) when the lease is lost; the SDK's error for what looking again will not heal.
 */
export async function act(context: Context, step: Step): Promise<ActResult> {
  try {
    await execute(context, step)
    return { kind: 'done' }
  } catch (error) {
    if (error instanceof StalePermission || error instanceof Miss) return again(error, false)
    const kind = classify(error)
    if (kind === 'busy' || kind === 'throttle') return again(error, true)
    if (kind === 'miss' || kind === 'transport') return again(error, false)
    throw error
  }
}

function again(error: unknown, busy: boolean): ActResult {
  return { kind: 'again', busy, sentence: errorText(error) }
}

/** The compiler sees that every kind has its executor; which one fits which step is what it cannot see. */
function execute<K extends StepKind>(context: Context, step: StepOf<K>): Promise<void> {
  const executor = executors[step.kind] as (context: Context, step: StepOf<K>) => Promise<void>
  return executor(context, step)
}

const executors: Executors = {
  tag,
  async size({ clients, lease }, { group, min, max, desired }) {
    const sizes = {
      ...(min === undefined ? {} : { MinSize: min }),
      ...(max === undefined ? {} : { MaxSize: max }),
      ...(desired === undefined ? {} : { DesiredCapacity: desired }),
    }
    const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, ...sizes })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  },
  async suspend({ clients, lease }, { group, processes }) {
    const ScalingProcesses = some(processes)
    const command = new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  },
  async resume({ clients, lease }, { group, processes }) {
    const ScalingProcesses = some(processes)
    const command = new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  },
  async 'enter-standby'({ clients, lease }, { group, instances }) {
    const command = new EnterStandbyCommand({
      AutoScalingGroupName: group,
      InstanceIds: some(instances),
      ShouldDecrementDesiredCapacity: true,
    })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  },
  async 'exit-standby'({ clients, lease }, { group, instances }) {
    const command = new ExitStandbyCommand({ AutoScalingGroupName: group, InstanceIds: some(instances) })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  },
  async unprotect({ clients, lease }, { group, instances }) {
    const command = new SetInstanceProtectionCommand({
      AutoScalingGroupName: group,
      InstanceIds: some(instances),
      ProtectedFromScaleIn: false,
    })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  },
  async 'complete-hook'({ clients, lease }, { group, hook, instance, result }) {
    const command = new CompleteLifecycleActionCommand({
      AutoScalingGroupName: group,
      LifecycleHookName: hook,
      InstanceId: instance,
      LifecycleActionResult: result,
    })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  },
  detach,
  terminate,
  // The record alone: written before this is reached.
  require: nothing,
  'mark-switched': nothing,
  'mark-covered': nothing,
  'mark-bake': nothing,
  'mark-short': nothing,
  'turn-back': nothing,
  promote: nothing,
  'begin-finish': nothing,
  // The loop waits, settles and ends.
  wait: nothing,
  settle: nothing,
  end: nothing,
}

async function nothing(): Promise<void> {}

/** New values first: a group must never be seen without the digest that goes with its version. */
async function tag({ clients, lease }: Context, { group, set, remove }: StepOf<'tag'>): Promise<void> {
  const target = { ResourceId: group, ResourceType: 'auto-scaling-group' }
  for (const entries of chunks(Object.entries(set), tagsPerCall)) {
    const Tags = entries.map(([Key, Value]) => ({
      ...target,
      Key,
      Value,
      // Always sent: left out, it may be switched off (aws.md 1.8).
      PropagateAtLaunch: Key === tagKey.service,
    }))
    const command = new CreateOrUpdateTagsCommand({ Tags })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  }
  for (const keys of chunks(remove, tagsPerCall)) {
    const command = new DeleteTagsCommand({ Tags: keys.map((Key) => ({ ...target, Key })) })
    await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
  }
}

/** Only out of Standby: AWS detaches one that somebody has returned to service just as readily. */
async function detach({ clients, lease }: Context, { group, instances }: StepOf<'detach'>): Promise<void> {
  const InstanceIds = some(instances)
  const found = await membership(clients, InstanceIds)
  const back = found.find(({ LifecycleState }) => LifecycleState !== 'Standby')
  if (back) throw new Miss(`${back.InstanceId} is ${back.LifecycleState}, so it is not detached.`)
  const command = new DetachInstancesCommand({
    AutoScalingGroupName: group,
    InstanceIds,
    // An instance in Standby is outside desired already: decrementing again would end another one (aws.md 0.1, fact 2).
    ShouldDecrementDesiredCapacity: false,
  })
  await sendPermitted(lease, command, (options) => clients.autoScaling.send(command, options))
}

/** Ends machines only while no group has them: terminated in Standby, they would stay in it for ever (aws.md 1.14). */
async function terminate({ clients, lease }: Context, { instances }: StepOf<'terminate'>): Promise<void> {
  const InstanceIds = some(instances)
  const found = await membership(clients, InstanceIds)
  const member = found.find(({ LifecycleState }) => LifecycleState !== 'Detached')
  if (member) {
    throw new Miss(
      `${member.InstanceId} is still in ${member.AutoScalingGroupName} (${member.LifecycleState}), so it is not terminated yet.`,
    )
  }
  const command = new TerminateInstancesCommand({ InstanceIds })
  await sendPermitted(lease, command, (options) => clients.ec2.send(command, options))
}

/** What Auto Scaling says of instances, whichever group they are in; of one in no group it says nothing (aws.md 1.9). */
async function membership(
  { autoScaling }: AwsClients,
  InstanceIds: string[],
): Promise<AutoScalingInstanceDetails[]> {
  const { AutoScalingInstances = [] } = await autoScaling.send(
    new DescribeAutoScalingInstancesCommand({ InstanceIds }),
  )
  return AutoScalingInstances
}

/** An empty list means "all" to several of these calls (aws.md 1.7, 1.9), which no step ever means. */
function some(values: readonly string[]): string[] {
  if (values.length === 0) throw new Error('A step names nothing to act on.')
  return [...values]
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const result: T[][] = []
  for (let start = 0; start < values.length; start += size) result.push(values.slice(start, start + size))
  return result
}
