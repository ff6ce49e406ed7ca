import { autoScalingOperations } from '../auto-scaling/operations.ts'
import { cloudWatchOperations } from '../cloud-watch/operations.ts'
import { ec2Operations } from '../ec2/operations.ts'
import { ecrOperations } from '../ecr/operations.ts'
import { autoScalingPermissions } from '../iam/permissions/auto-scaling.ts'
import { cloudWatchPermissions } from '../iam/permissions/cloud-watch.ts'
import { ec2Permissions } from '../iam/permissions/ec2.ts'
import { ecrPermissions } from '../iam/permissions/ecr.ts'
import { classicPermissions, loadBalancingPermissions } from '../iam/permissions/load-balancing.ts'
import { stsPermissions } from '../iam/permissions/sts.ts'
import { classicOperations } from '../load-balancing/classic-operations.ts'
import { loadBalancingOperations } from '../load-balancing/operations.ts'
import { stsOperations } from '../sts/operations.ts'
import type { JsonService } from './json-service.ts'
import type { Operation } from './operation.ts'
import type { QueryService } from './query-service.ts'

/** Query APIs by the service name in the credential scope. Two share one name where only the version tells them apart, the first being the default. */
export const queryServices: ReadonlyMap<string, readonly QueryService[]> = new Map([
  [
    'autoscaling',
    [
      {
        version: '2011-01-01',
        xmlns: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
        shape: 'query',
        operations: table(autoScalingOperations),
        permissions: autoScalingPermissions,
        withoutOutput: new Set([
          'CreateAutoScalingGroup',
          'UpdateAutoScalingGroup',
          'DeleteAutoScalingGroup',
          'SetDesiredCapacity',
          'SuspendProcesses',
          'ResumeProcesses',
          'CreateOrUpdateTags',
          'DeleteTags',
          'SetInstanceHealth',
          'DeletePolicy',
          'ExecutePolicy',
          'DeleteScheduledAction',
          'PutScheduledUpdateGroupAction',
        ]),
      },
    ],
  ],
  [
    'ec2',
    [
      {
        version: '2016-11-15',
        xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
        shape: 'ec2',
        operations: table(ec2Operations),
        permissions: ec2Permissions,
        withoutOutput: new Set<string>(),
      },
    ],
  ],
  [
    'elasticloadbalancing',
    [
      {
        version: '2015-12-01',
        xmlns: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
        shape: 'query',
        operations: table(loadBalancingOperations),
        permissions: loadBalancingPermissions,
        withoutOutput: new Set<string>(),
      },
      {
        version: '2012-06-01',
        xmlns: 'http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/',
        shape: 'query',
        operations: table(classicOperations),
        permissions: classicPermissions,
        withoutOutput: new Set<string>(),
      },
    ],
  ],
  [
    'monitoring',
    [
      {
        version: '2010-08-01',
        xmlns: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
        shape: 'query',
        operations: table(cloudWatchOperations),
        permissions: cloudWatchPermissions,
        withoutOutput: new Set(['DeleteAlarms', 'PutMetricAlarm', 'SetAlarmState']),
      },
    ],
  ],
  [
    'sts',
    [
      {
        version: '2011-06-15',
        xmlns: 'https://sts.amazonaws.com/doc/2011-06-15/',
        shape: 'query',
        operations: table(stsOperations),
        permissions: stsPermissions,
        withoutOutput: new Set<string>(),
      },
    ],
  ],
])

/** JSON APIs. Clients of CloudWatch speak JSON since 2025 and the query protocol before. */
export const jsonServices: ReadonlyMap<string, JsonService> = new Map([
  [
    'ecr',
    {
      version: '1.1',
      target: 'AmazonEC2ContainerRegistry_V20150921',
      operations: table(ecrOperations),
      permissions: ecrPermissions,
    },
  ],
  [
    'monitoring',
    {
      version: '1.0',
      queryCompatible: true,
      target: 'GraniteServiceVersion20100801',
      operations: table(cloudWatchOperations),
      permissions: cloudWatchPermissions,
    },
  ],
])

/** The JSON API a request speaks, undefined where it speaks the query protocol. */
export function jsonServiceOf(service: string, target: string | undefined): JsonService | undefined {
  return target === undefined && queryServices.has(service) ? undefined : jsonServices.get(service)
}

function table(operations: Readonly<Record<string, Operation>>): ReadonlyMap<string, Operation> {
  return new Map(Object.entries(operations))
}
