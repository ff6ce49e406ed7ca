import {
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  EnterStandbyCommand,
  PutScalingPolicyCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { BatchGetImageCommand } from '@aws-sdk/client-ecr'
import { expect, test } from 'vitest'
import { createNeighbours } from '../support/neighbours.ts'
import { get, put, refusedFor, remove, tags, type Refusal } from '../support/refusals.ts'

const { web, ids, userId } = await createNeighbours()
const repository = { repositoryName: 'shop', imageIds: [{ imageTag: 'v1' }] }
const group = { AutoScalingGroupName: 'shop-blue' }
test.each<Refusal>([
  [
    'sizes',
    'autoscaling:UpdateAutoScalingGroup',
    () => web.ops.autoScaling.send(new UpdateAutoScalingGroupCommand({ ...group, MinSize: 0 })),
  ],
  [
    'processes',
    'autoscaling:SuspendProcesses',
    () => web.ops.autoScaling.send(new SuspendProcessesCommand(group)),
  ],
  [
    'instances',
    'autoscaling:EnterStandby',
    () =>
      web.ops.autoScaling.send(
        new EnterStandbyCommand({ ...group, InstanceIds: [ids.shop], ShouldDecrementDesiredCapacity: true }),
      ),
  ],
  [
    'policies',
    'autoscaling:PutScalingPolicy',
    () => web.ops.autoScaling.send(new PutScalingPolicyCommand({ ...group, PolicyName: 'out' })),
  ],
  [
    'version',
    'autoscaling:CreateOrUpdateTags',
    () => web.ops.autoScaling.send(new CreateOrUpdateTagsCommand(tags('shop-blue', 'switchover:version'))),
  ],
  [
    'machines',
    'ec2:TerminateInstances',
    () => web.ops.ec2.send(new TerminateInstancesCommand({ InstanceIds: [ids.shop] })),
  ],
  ['record', 's3:PutObject', put(web.ops, 'shop/deployment.json')],
  ['record, to read it', 's3:GetObject', get(web.ops, 'shop/deployment.json')],
  ['reports', 's3:DeleteObject', remove(web.ops, `shop/reports/AROAX:${ids.shop}.json`)],
  ['images', 'ecr:BatchGetImage', () => web.ops.ecr.send(new BatchGetImageCommand(repository))],
])("the coordinator of web may not touch shop's %s", refusedFor)

test.each<Refusal>([
  [
    'the name of the service',
    'autoscaling:CreateOrUpdateTags',
    () =>
      web.ops.autoScaling.send(
        new CreateOrUpdateTagsCommand(tags('web-green', 'switchover:service', 'shop')),
      ),
  ],
  [
    'the store',
    'autoscaling:CreateOrUpdateTags',
    () => web.ops.autoScaling.send(new CreateOrUpdateTagsCommand(tags('web-green', 'switchover:store'))),
  ],
  [
    'the tag it is known by',
    'autoscaling:DeleteTags',
    () => web.ops.autoScaling.send(new DeleteTagsCommand(tags('web-green', 'switchover:service'))),
  ],
  ['the record, to delete it', 's3:DeleteObject', remove(web.ops, 'web/deployment.json')],
  ['a report, to write it', 's3:PutObject', put(web.ops, `web/reports/${userId}.json`)],
])('the coordinator of web may not touch %s', refusedFor)

test('a whole command for another service is one sentence and exit 2', async () => {
  const { exitCode, stderr } = await web.say('deploy shop v2 --no-digest --yes')
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr:
      'AWS denied permission while reading s3://store/switchover/shop/deployment.json: User: arn:aws:sts::123456789012:assumed-role/web-coordinator/ops is not authorized to perform: ' +
      's3:GetObject on resource: "arn:aws:s3:::store/switchover/shop/deployment.json" because no identity-based policy allows the s3:GetObject action.\n',
  })
})
