import {
  AttachLoadBalancerTargetGroupsCommand,
  BatchDeleteScheduledActionCommand,
  BatchPutScheduledUpdateGroupActionCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DescribeLifecycleHooksCommand,
  DescribePoliciesCommand,
  DescribeScalingActivitiesCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { stranger } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

/** What holds for whatever is asked of a group. */
const { row } = operation('Auto Scaling', 'Every operation')

function calls(
  { place: { autoScaling } }: Scene,
  AutoScalingGroupName: string,
): Record<string, () => Promise<unknown>> {
  const of = { AutoScalingGroupName }
  const some = { ...of, InstanceIds: [stranger] }
  const ShouldDecrementDesiredCapacity = false
  const tag = { ResourceId: AutoScalingGroupName, ResourceType: 'auto-scaling-group', Key: 'k', Value: 'v' }
  return {
    AttachLoadBalancerTargetGroups: () =>
      autoScaling.send(new AttachLoadBalancerTargetGroupsCommand({ ...of, TargetGroupARNs: [] })),
    BatchDeleteScheduledAction: () =>
      autoScaling.send(new BatchDeleteScheduledActionCommand({ ...of, ScheduledActionNames: ['a'] })),
    BatchPutScheduledUpdateGroupAction: () =>
      autoScaling.send(
        new BatchPutScheduledUpdateGroupActionCommand({
          ...of,
          ScheduledUpdateGroupActions: [{ ScheduledActionName: 'a', Recurrence: '0 0 * * *', MinSize: 0 }],
        }),
      ),
    CreateOrUpdateTags: () =>
      autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, PropagateAtLaunch: false }] })),
    DeleteAutoScalingGroup: () => autoScaling.send(new DeleteAutoScalingGroupCommand(of)),
    DescribeLifecycleHooks: () => autoScaling.send(new DescribeLifecycleHooksCommand(of)),
    DescribePolicies: () => autoScaling.send(new DescribePoliciesCommand(of)),
    DescribeScalingActivities: () => autoScaling.send(new DescribeScalingActivitiesCommand(of)),
    DetachInstances: () =>
      autoScaling.send(new DetachInstancesCommand({ ...some, ShouldDecrementDesiredCapacity })),
    EnterStandby: () =>
      autoScaling.send(new EnterStandbyCommand({ ...some, ShouldDecrementDesiredCapacity })),
    ExitStandby: () => autoScaling.send(new ExitStandbyCommand(some)),
    PutLifecycleHook: () =>
      autoScaling.send(
        new PutLifecycleHookCommand({
          ...of,
          LifecycleHookName: 'h',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        }),
      ),
    PutScalingPolicy: () =>
      autoScaling.send(
        new PutScalingPolicyCommand({
          ...of,
          PolicyName: 'p',
          AdjustmentType: 'ChangeInCapacity',
          ScalingAdjustment: 1,
        }),
      ),
    ResumeProcesses: () => autoScaling.send(new ResumeProcessesCommand(of)),
    SetDesiredCapacity: () => autoScaling.send(new SetDesiredCapacityCommand({ ...of, DesiredCapacity: 0 })),
    SetInstanceProtection: () =>
      autoScaling.send(new SetInstanceProtectionCommand({ ...some, ProtectedFromScaleIn: true })),
    SuspendProcesses: () => autoScaling.send(new SuspendProcessesCommand(of)),
    UpdateAutoScalingGroup: () => autoScaling.send(new UpdateAutoScalingGroupCommand({ ...of, MinSize: 0 })),
  }
}

const names = Object.keys(calls({ place: {} } as Scene, ''))
for (const name of names)
  row(
    {
      status: 'trace',
      source: 'recorded ClientErrors in several repositories',
      says: `${name}: a group that is not there is a ValidationError with one beginning`,
    },
    async (scene) => {
      const call = calls(scene, scene.name())[name]
      const refused = await scene.refusal(call?.() ?? Promise.resolve())
      expect(refused).toMatchObject({ code: 'ValidationError', status: 400 })
      expect(refused.message).toMatch(/^AutoScalingGroup name not found - /)
    },
  )
