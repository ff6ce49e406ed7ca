import { autoScalingOperations } from '../auto-scaling/operations.ts'
import { ec2Operations } from '../ec2/operations.ts'
import { ecrOperations } from '../ecr/operations.ts'
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
        withoutOutput: new Set<string>(),
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
        withoutOutput: new Set<string>(),
      },
    ],
  ],
])

export const jsonServices: ReadonlyMap<string, JsonService> = new Map([
  ['ecr', { target: 'AmazonEC2ContainerRegistry_V20150921', operations: table(ecrOperations) }],
])

function table(operations: Readonly<Record<string, Operation>>): ReadonlyMap<string, Operation> {
  return new Map(Object.entries(operations))
}
