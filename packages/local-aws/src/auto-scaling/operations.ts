import type { Operation } from '../wire/operation.ts'
import { createAutoScalingGroup } from './operations/create-auto-scaling-group.ts'
import { deleteAutoScalingGroup } from './operations/delete-auto-scaling-group.ts'
import { deletePolicy } from './operations/delete-policy.ts'
import { batchDeleteScheduledAction, deleteScheduledAction } from './operations/delete-scheduled-action.ts'
import { describeAutoScalingGroups } from './operations/describe-auto-scaling-groups.ts'
import { describeAutoScalingInstances } from './operations/describe-auto-scaling-instances.ts'
import { describePolicies } from './operations/describe-policies.ts'
import { describeScalingActivities } from './operations/describe-scaling-activities.ts'
import { describeScheduledActions } from './operations/describe-scheduled-actions.ts'
import { detachInstances } from './operations/detach-instances.ts'
import { enterStandby } from './operations/enter-standby.ts'
import { executePolicy } from './operations/execute-policy.ts'
import { exitStandby } from './operations/exit-standby.ts'
import {
  completeLifecycleAction,
  deleteLifecycleHook,
  describeLifecycleHooks,
  putLifecycleHook,
  recordLifecycleActionHeartbeat,
} from './operations/lifecycle-hooks.ts'
import { describeInstanceRefreshes, describeWarmPool } from './operations/not-offered.ts'
import { putScalingPolicy } from './operations/put-scaling-policy.ts'
import {
  batchPutScheduledUpdateGroupAction,
  putScheduledUpdateGroupAction,
} from './operations/put-scheduled-action.ts'
import { resumeProcesses, suspendProcesses } from './operations/processes.ts'
import { setDesiredCapacity } from './operations/set-desired-capacity.ts'
import { setInstanceHealth } from './operations/set-instance-health.ts'
import { setInstanceProtection } from './operations/set-instance-protection.ts'
import { createOrUpdateTags, deleteTags, describeTags } from './operations/tags.ts'
import { terminateInstanceInAutoScalingGroup } from './operations/terminate-instance.ts'
import {
  attachLoadBalancers,
  attachLoadBalancerTargetGroups,
  describeLoadBalancers,
  describeLoadBalancerTargetGroups,
  detachLoadBalancers,
  detachLoadBalancerTargetGroups,
} from './operations/traffic-sources.ts'
import { updateAutoScalingGroup } from './operations/update-auto-scaling-group.ts'

/** Auto Scaling, API version 2011-01-01. */
export const autoScalingOperations: Record<string, Operation> = {
  AttachLoadBalancerTargetGroups: attachLoadBalancerTargetGroups,
  AttachLoadBalancers: attachLoadBalancers,
  BatchDeleteScheduledAction: batchDeleteScheduledAction,
  BatchPutScheduledUpdateGroupAction: batchPutScheduledUpdateGroupAction,
  CompleteLifecycleAction: completeLifecycleAction,
  CreateAutoScalingGroup: createAutoScalingGroup,
  CreateOrUpdateTags: createOrUpdateTags,
  DeleteAutoScalingGroup: deleteAutoScalingGroup,
  DeleteLifecycleHook: deleteLifecycleHook,
  DeletePolicy: deletePolicy,
  DeleteScheduledAction: deleteScheduledAction,
  DeleteTags: deleteTags,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  DescribeAutoScalingInstances: describeAutoScalingInstances,
  DescribeInstanceRefreshes: describeInstanceRefreshes,
  DescribeLifecycleHooks: describeLifecycleHooks,
  DescribeLoadBalancerTargetGroups: describeLoadBalancerTargetGroups,
  DescribeLoadBalancers: describeLoadBalancers,
  DescribePolicies: describePolicies,
  DescribeScalingActivities: describeScalingActivities,
  DescribeScheduledActions: describeScheduledActions,
  DescribeTags: describeTags,
  DescribeWarmPool: describeWarmPool,
  DetachInstances: detachInstances,
  DetachLoadBalancerTargetGroups: detachLoadBalancerTargetGroups,
  DetachLoadBalancers: detachLoadBalancers,
  EnterStandby: enterStandby,
  ExecutePolicy: executePolicy,
  ExitStandby: exitStandby,
  PutLifecycleHook: putLifecycleHook,
  PutScalingPolicy: putScalingPolicy,
  PutScheduledUpdateGroupAction: putScheduledUpdateGroupAction,
  RecordLifecycleActionHeartbeat: recordLifecycleActionHeartbeat,
  ResumeProcesses: resumeProcesses,
  SetDesiredCapacity: setDesiredCapacity,
  SetInstanceHealth: setInstanceHealth,
  SetInstanceProtection: setInstanceProtection,
  SuspendProcesses: suspendProcesses,
  TerminateInstanceInAutoScalingGroup: terminateInstanceInAutoScalingGroup,
  UpdateAutoScalingGroup: updateAutoScalingGroup,
}
