import {
  CompleteLifecycleActionCommand,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { DeregisterInstancesFromLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing'
import { DeregisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { tagKey } from '@switchover/contract/tags'
import { batchSize, type StepKind, type StepOf } from '../decide/step.ts'
import { call, type Call } from './call.ts'
import { scalingCalls } from './scaling-calls.ts'

type Calls = { [K in StepKind]: (step: StepOf<K>) => Call[] }

/** Targets of one call; AWS names no limit. */
const targetsPerCall = 200

/** Tags are added and removed at most 25 a call (Auto Scaling user guide, ec2-auto-scaling-tagging). */
const tagsPerCall = 25

/** Every changing call of a step, in order; none where it only changes the record. The store's own writes are not among them. */
export function callsOf<K extends StepKind>(step: StepOf<K>): Call[] {
  const make = calls[step.kind] as (step: StepOf<K>) => Call[]
  return make(step)
}

const calls: Calls = {
  tag: tagCalls,
  size({ group, min, max, desired }) {
    const sizes = {
      ...(min === undefined ? {} : { MinSize: min }),
      ...(max === undefined ? {} : { MaxSize: max }),
      ...(desired === undefined ? {} : { DesiredCapacity: desired }),
    }
    const command = new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, ...sizes })
    return [call('UpdateAutoScalingGroup', command, (to, how) => to.autoScaling.send(command, how))]
  },
  suspend({ group, processes }) {
    const ScalingProcesses = some(processes)
    const command = new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses })
    return [call('SuspendProcesses', command, (to, how) => to.autoScaling.send(command, how))]
  },
  resume({ group, processes }) {
    const ScalingProcesses = some(processes)
    const command = new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses })
    return [call('ResumeProcesses', command, (to, how) => to.autoScaling.send(command, how))]
  },
  'enter-standby'({ group, instances }) {
    const command = new EnterStandbyCommand({
      AutoScalingGroupName: group,
      InstanceIds: some(instances),
      ShouldDecrementDesiredCapacity: true,
    })
    return [call('EnterStandby', command, (to, how) => to.autoScaling.send(command, how))]
  },
  'exit-standby'({ group, instances }) {
    return chunks(some(instances), batchSize).map((InstanceIds) => {
      const command = new ExitStandbyCommand({ AutoScalingGroupName: group, InstanceIds })
      return call('ExitStandby', command, (to, how) => to.autoScaling.send(command, how))
    })
  },
  unprotect({ group, instances }) {
    const command = new SetInstanceProtectionCommand({
      AutoScalingGroupName: group,
      InstanceIds: some(instances),
      ProtectedFromScaleIn: false,
    })
    return [call('SetInstanceProtection', command, (to, how) => to.autoScaling.send(command, how))]
  },
  deregister({ from }) {
    return from.flatMap(({ source, instances }) =>
      chunks(some(instances), targetsPerCall).map((ids) => deregisterCall(source, ids)),
    )
  },
  'complete-hook'({ group, hook, instance, result }) {
    const command = new CompleteLifecycleActionCommand({
      AutoScalingGroupName: group,
      LifecycleHookName: hook,
      InstanceId: instance,
      LifecycleActionResult: result,
    })
    return [call('CompleteLifecycleAction', command, (to, how) => to.autoScaling.send(command, how))]
  },
  detach({ group, instances }) {
    return chunks(some(instances), batchSize).map((InstanceIds) => {
      const command = new DetachInstancesCommand({
        AutoScalingGroupName: group,
        InstanceIds,
        // An instance in Standby is outside desired already: decrementing again would end another one (Auto Scaling user
        // guide, ec2-auto-scaling-detach-attach-instances).
        ShouldDecrementDesiredCapacity: false,
      })
      return call('DetachInstances', command, (to, how) => to.autoScaling.send(command, how))
    })
  },
  terminate({ instances }) {
    const command = new TerminateInstancesCommand({ InstanceIds: some(instances) })
    return [call('TerminateInstances', command, (to, how) => to.ec2.send(command, how))]
  },
  ...scalingCalls,
  // The record alone: written before this is reached.
  'note-scaling': none,
  require: none,
  'mark-switched': none,
  'mark-covered': none,
  'mark-bake': none,
  'mark-short': none,
  'turn-back': none,
  promote: none,
  'begin-finish': none,
  // The loop waits, settles and ends.
  wait: none,
  settle: none,
  end: none,
}

function none(): Call[] {
  return []
}

/** New values first: a group must never be seen without the digest that goes with its version. */
function tagCalls({ group, set, remove }: StepOf<'tag'>): Call[] {
  const target = { ResourceId: group, ResourceType: 'auto-scaling-group' }
  const puts = chunks(Object.entries(set), tagsPerCall).map((entries) => {
    const Tags = entries.map(([Key, Value]) => ({
      ...target,
      Key,
      Value,
      // Always sent: what it is when left out, AWS does not say.
      PropagateAtLaunch: Key === tagKey.service,
    }))
    const command = new CreateOrUpdateTagsCommand({ Tags })
    return call('CreateOrUpdateTags', command, (to, how) => to.autoScaling.send(command, how))
  })
  const deletions = chunks(remove, tagsPerCall).map((keys) => {
    const command = new DeleteTagsCommand({ Tags: keys.map((Key) => ({ ...target, Key })) })
    return call('DeleteTags', command, (to, how) => to.autoScaling.send(command, how))
  })
  return [...puts, ...deletions]
}

/** A target group goes by its ARN, a classic load balancer by its name, which has no colon. */
function deregisterCall(source: string, ids: readonly string[]): Call {
  if (source.startsWith('arn:')) {
    const Targets = ids.map((Id) => ({ Id }))
    const command = new DeregisterTargetsCommand({ TargetGroupArn: source, Targets })
    return call('DeregisterTargets', command, (to, how) => to.elb.send(command, how))
  }
  const Instances = ids.map((InstanceId) => ({ InstanceId }))
  const command = new DeregisterInstancesFromLoadBalancerCommand({ LoadBalancerName: source, Instances })
  return call('DeregisterInstancesFromLoadBalancer', command, (to, how) => to.classicElb.send(command, how))
}

/** An empty list means "all" to several of these calls, which no step ever means. */
function some(values: readonly string[]): string[] {
  if (values.length === 0) throw new Error('A step names nothing to act on.')
  return [...values]
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const result: T[][] = []
  for (let start = 0; start < values.length; start += size) result.push(values.slice(start, start + size))
  return result
}
