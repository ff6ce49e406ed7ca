import {
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
  type AutoScalingClient,
  type LifecycleHook,
} from '@aws-sdk/client-auto-scaling'
import type { Clock } from '../clock.ts'
import { awsFailure } from './failure.ts'

export type Transition = 'autoscaling:EC2_INSTANCE_LAUNCHING' | 'autoscaling:EC2_INSTANCE_TERMINATING'
export type Hook = { name: string; heartbeatTimeoutMs: number }

export type Hooks = {
  list(group: string, transition: Transition): Promise<readonly Hook[]>
  /** Resolves to false where no action waits: it was completed, or its time ran out. */
  heartbeat(group: string, hook: string, instanceId: string): Promise<boolean>
  complete(group: string, hook: string, instanceId: string, result: 'CONTINUE' | 'ABANDON'): Promise<boolean>
}

const callMs = 30_000
const defaultHeartbeatS = 3_600

/** Lifecycle hooks of Auto Scaling. Each call has a time limit of its own, so that a stop in progress does not cut it. */
export function lifecycleHooks(client: AutoScalingClient, clock: Clock): Hooks {
  return {
    list: async (group, transition) => {
      try {
        const answer = await client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }), {
          abortSignal: clock.deadline(callMs),
        })
        return (answer.LifecycleHooks ?? [])
          .filter((hook) => hook.LifecycleTransition === transition)
          .flatMap((hook) => toHook(hook))
      } catch (error) {
        throw awsFailure('DescribeLifecycleHooks', error)
      }
    },
    heartbeat: (group, hook, instanceId) =>
      whileActive('RecordLifecycleActionHeartbeat', () =>
        client.send(
          new RecordLifecycleActionHeartbeatCommand({
            AutoScalingGroupName: group,
            LifecycleHookName: hook,
            InstanceId: instanceId,
          }),
          { abortSignal: clock.deadline(callMs) },
        ),
      ),
    complete: (group, hook, instanceId, result) =>
      whileActive('CompleteLifecycleAction', () =>
        client.send(
          new CompleteLifecycleActionCommand({
            AutoScalingGroupName: group,
            LifecycleHookName: hook,
            InstanceId: instanceId,
            LifecycleActionResult: result,
          }),
          { abortSignal: clock.deadline(callMs) },
        ),
      ),
  }
}

function toHook(hook: LifecycleHook): Hook[] {
  if (hook.LifecycleHookName === undefined) return []
  return [
    {
      name: hook.LifecycleHookName,
      heartbeatTimeoutMs: (hook.HeartbeatTimeout ?? defaultHeartbeatS) * 1_000,
    },
  ]
}

async function whileActive(what: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call()
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes('No active Lifecycle Action')) return false
    throw awsFailure(what, error)
  }
}
