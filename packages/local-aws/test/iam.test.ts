import {
  AutoScalingClient,
  CreateOrUpdateTagsCommand,
  DescribeAutoScalingGroupsCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling'
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { BatchGetImageCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr'
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { createCloud } from '../src/create-cloud.ts'
import { s3Permissions } from '../src/iam/permissions/s3.ts'
import { readPolicy } from '../src/iam/policy.ts'
import { inProcessHandler } from '../src/in-process.ts'
import { noMachines } from '../src/instances/none.ts'
import { s3OperationNames } from '../src/s3/service.ts'
import { SimulatedClock } from '../src/simulated-clock.ts'
import { jsonServices, queryServices } from '../src/wire/services.ts'

type Written = { Effect?: string; Action: string | string[]; Resource?: string; Condition?: object }

const who = 'arn:aws:sts::123456789012:assumed-role/ops/me'

/** An account with the role `ops`, and clients of a session of it and of an administrator. */
async function account(...statements: Written[]) {
  const Statement = statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement }))
  const policies = {
    ops: statements.length === 0 ? [] : [readPolicy({ Version: '2012-10-17', Statement }, 'ops')],
  }
  const clock = new SimulatedClock()
  const cloud = createCloud({
    clock,
    random: () => 0.5,
    machines: () => noMachines,
    policies,
  })
  const clients = (accessKeyId: string) => {
    const common = {
      region: cloud.region,
      endpoint: 'http://aws.example',
      credentials: { accessKeyId, secretAccessKey: 'secret' },
      requestHandler: inProcessHandler(cloud),
      maxAttempts: 1,
    }
    return {
      autoScaling: new AutoScalingClient(common),
      cloudWatch: new CloudWatchClient(common),
      ec2: new EC2Client(common),
      ecr: new ECRClient(common),
      elb: new ElasticLoadBalancingClient(common),
      s3: new S3Client({ ...common, forcePathStyle: true }),
      sts: new STSClient(common),
    }
  }
  const admin = clients('admin')
  await admin.s3.send(new CreateBucketCommand({ Bucket: 'store' }))
  const { Credentials } = await admin.sts.send(
    new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/ops', RoleSessionName: 'me' }),
  )
  return { clock, cloud, admin, ops: clients(Credentials?.AccessKeyId ?? ''), clients }
}

async function refusalOf(call: Promise<unknown>): Promise<{ status: number; name: string; message: string }> {
  try {
    await call
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata: { httpStatusCode: number } }
    return { status: $metadata.httpStatusCode, name, message }
  }
  throw new Error('It was allowed.')
}

const because = (action: string) => `because no identity-based policy allows the ${action} action`
const denied = (action: string, on = '') =>
  `User: ${who} is not authorized to perform: ${action}${on} ${because(action)}`

const alarm = (action: string) =>
  new PutMetricAlarmCommand({
    AlarmName: 'busy',
    AlarmActions: [action],
    Namespace: 'AWS/EC2',
    MetricName: 'CPUUtilization',
    Statistic: 'Average',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 80,
    ComparisonOperator: 'GreaterThanThreshold',
  })

test('every operation that is offered has its action', () => {
  for (const services of queryServices.values())
    for (const { operations, permissions } of services)
      expect(Object.keys(permissions).toSorted()).toEqual([...operations.keys()].toSorted())
  for (const { operations, permissions } of jsonServices.values())
    expect(Object.keys(permissions).toSorted()).toEqual([...operations.keys()].toSorted())
  const request = { bucket: 'b', key: 'k', query: new URLSearchParams(), headers: {} }
  expect(s3OperationNames.filter((name) => !s3Permissions(name, request))).toEqual([])
})

test('each service refuses in its own words', async () => {
  const { ops } = await account()
  expect(await refusalOf(ops.autoScaling.send(new DescribeAutoScalingGroupsCommand({})))).toEqual({
    status: 403,
    name: 'AccessDenied',
    message: denied('autoscaling:DescribeAutoScalingGroups'),
  })
  const suspend = new SuspendProcessesCommand({ AutoScalingGroupName: 'web' })
  expect((await refusalOf(ops.autoScaling.send(suspend))).message).toBe(
    denied(
      'autoscaling:SuspendProcesses',
      ' on resource: arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/web',
    ),
  )
  expect(await refusalOf(ops.ec2.send(new DescribeInstancesCommand({})))).toEqual({
    status: 403,
    name: 'UnauthorizedOperation',
    message: `You are not authorized to perform this operation. ${denied('ec2:DescribeInstances')}.`,
  })
  const terminate = new TerminateInstancesCommand({ InstanceIds: ['i-0123456789abcdef0'] })
  const on = ' on resource: arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0'
  expect((await refusalOf(ops.ec2.send(terminate))).message).toContain(
    `${denied('ec2:TerminateInstances', on)}. Encoded authorization failure message: `,
  )
  expect((await refusalOf(ops.elb.send(new DescribeLoadBalancersCommand({})))).message).toBe(
    denied('elasticloadbalancing:DescribeLoadBalancers'),
  )
  expect(await refusalOf(ops.cloudWatch.send(new DescribeAlarmsCommand({})))).toEqual({
    status: 403,
    name: 'AccessDenied',
    message: denied(
      'cloudwatch:DescribeAlarms',
      ' on resource: arn:aws:cloudwatch:us-east-1:123456789012:alarm:*',
    ),
  })
  expect(await refusalOf(ops.ecr.send(new GetAuthorizationTokenCommand({})))).toEqual({
    status: 400,
    name: 'AccessDeniedException',
    message: denied('ecr:GetAuthorizationToken', ' on resource: *'),
  })
  const image = new BatchGetImageCommand({ repositoryName: 'web', imageIds: [{ imageTag: 'v1' }] })
  expect((await refusalOf(ops.ecr.send(image))).message).toContain(
    'arn:aws:ecr:us-east-1:123456789012:repository/web ',
  )
  expect(await refusalOf(ops.s3.send(new GetObjectCommand({ Bucket: 'store', Key: 'a/b' })))).toEqual({
    status: 403,
    name: 'AccessDenied',
    message: denied('s3:GetObject', ' on resource: "arn:aws:s3:::store/a/b"'),
  })
  expect((await refusalOf(ops.s3.send(new ListBucketsCommand({})))).message).toBe(
    denied('s3:ListAllMyBuckets'),
  )
})

test('a Deny is told apart from what nobody allowed', async () => {
  const { ops } = await account({ Action: '*' }, { Effect: 'Deny', Action: 's3:PutObject' })
  await ops.autoScaling.send(new DescribeAutoScalingGroupsCommand({}))
  const put = new PutObjectCommand({ Bucket: 'store', Key: 'k', Body: 'x' })
  expect((await refusalOf(ops.s3.send(put))).message).toBe(
    `User: ${who} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::store/k" with an explicit deny in an identity-based policy`,
  )
})

test('a missing object is only known to whoever may list the bucket', async () => {
  const read = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::store/*' }
  const object = { Bucket: 'store', Key: 'k' }
  const blind = await account(read)
  expect(await refusalOf(blind.ops.s3.send(new GetObjectCommand(object)))).toEqual({
    status: 403,
    name: 'AccessDenied',
    message: `User: ${who} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::store" because no identity-based policy allows the s3:ListBucket action`,
  })
  expect((await refusalOf(blind.ops.s3.send(new HeadObjectCommand(object)))).status).toBe(403)
  const seeing = await account(read, { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::store' })
  expect((await refusalOf(seeing.ops.s3.send(new GetObjectCommand(object)))).name).toBe('NoSuchKey')
  expect((await refusalOf(seeing.ops.s3.send(new HeadObjectCommand(object)))).status).toBe(404)
})

test('of several keys those are deleted that may be', async () => {
  const { ops, admin } = await account({ Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::store/mine/*' })
  for (const Key of ['mine/a', 'yours/a'])
    await admin.s3.send(new PutObjectCommand({ Bucket: 'store', Key, Body: 'x' }))
  const Objects = [{ Key: 'mine/a' }, { Key: 'yours/a' }]
  const { Deleted, Errors } = await ops.s3.send(
    new DeleteObjectsCommand({ Bucket: 'store', Delete: { Objects } }),
  )
  expect(Deleted).toEqual([{ Key: 'mine/a' }])
  expect(Errors).toEqual([
    { Key: 'yours/a', Code: 'AccessDenied', Message: expect.stringContaining('s3:DeleteObject') },
  ])
  const { Contents } = await admin.s3.send(new ListObjectsV2Command({ Bucket: 'store' }))
  expect(Contents?.map(({ Key }) => Key)).toEqual(['yours/a'])
})

test('a listing is limited by its prefix, a conditional write also reads, an alarm is known by its actions', async () => {
  const { ops } = await account(
    { Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': 'web/*' } } },
    { Action: 's3:PutObject' },
    {
      Action: 'cloudwatch:PutMetricAlarm',
      Condition: { 'ForAllValues:StringLike': { 'cloudwatch:AlarmActions': 'arn:aws:autoscaling:*' } },
    },
  )
  await ops.s3.send(new ListObjectsV2Command({ Bucket: 'store', Prefix: 'web/reports/' }))
  await refusalOf(ops.s3.send(new ListObjectsV2Command({ Bucket: 'store', Prefix: 'shop/' })))
  await refusalOf(ops.s3.send(new ListObjectsV2Command({ Bucket: 'store' })))
  const write = { Bucket: 'store', Key: 'k', Body: 'x' }
  const { ETag } = await ops.s3.send(new PutObjectCommand(write))
  const again = new PutObjectCommand({ ...write, IfMatch: ETag })
  expect((await refusalOf(ops.s3.send(again))).message).toContain('s3:GetObject')
  await ops.cloudWatch.send(alarm('arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x'))
  await refusalOf(ops.cloudWatch.send(alarm('arn:aws:sns:us-east-1:123456789012:ops')))
})

test('tags of a request are judged, and a group that is not there has none', async () => {
  const { ops } = await account({
    Action: 'autoscaling:CreateOrUpdateTags',
    Condition: {
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] },
      StringEqualsIfExists: { 'aws:RequestTag/b': '1' },
    },
  })
  const tags = (...tags: [string, string][]) =>
    ops.autoScaling.send(
      new CreateOrUpdateTagsCommand({
        Tags: tags.map(([Key, Value]) => ({ ResourceId: 'web', Key, Value })),
      }),
    )
  expect((await refusalOf(tags(['a', 'x'], ['b', '1']))).name).toBe('ValidationError')
  expect((await refusalOf(tags(['a', 'x'], ['c', '1']))).name).toBe('AccessDenied')
  expect((await refusalOf(tags(['b', '2']))).name).toBe('AccessDenied')
})

test('users may do everything, and a role nobody spoke of is not there', async () => {
  const { admin, ops } = await account()
  expect(await ops.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: who })
  const assume = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/x', RoleSessionName: 'me' })
  expect((await refusalOf(admin.sts.send(assume))).name).toBe('AccessDenied')
  expect((await refusalOf(ops.sts.send(assume))).message).toContain('sts:AssumeRole on resource: arn:aws:iam')
})

test('a temporary key nobody was issued is nobody', async () => {
  const { clients } = await account()
  const { autoScaling, ec2, ecr, s3 } = clients('ASIAOFANEARLIERRUN0')
  const names = await Promise.all(
    [
      autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
      ec2.send(new DescribeInstancesCommand({})),
      ecr.send(new GetAuthorizationTokenCommand({})),
      s3.send(new ListBucketsCommand({})),
    ].map(async (call) => (await refusalOf(call)).name),
  )
  expect(names).toEqual([
    'InvalidClientTokenId',
    'AuthFailure',
    'UnrecognizedClientException',
    'InvalidAccessKeyId',
  ])
})

test('a session whose hour is over is nobody', async () => {
  const { clock, ops } = await account()
  const identity = () => ops.sts.send(new GetCallerIdentityCommand({}))
  await clock.advance(3_599_999)
  expect(await identity()).toMatchObject({ Arn: who })
  await clock.advance(1)
  expect((await refusalOf(identity())).name).toBe('ExpiredToken')
})
