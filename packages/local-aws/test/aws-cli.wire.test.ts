import { execa } from 'execa'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cloud } from '../src/cloud.ts'
import { closeCloud, createCloud } from '../src/create-cloud.ts'
import { virtualMachines } from '../src/instances/virtual.ts'
import { RealClock } from '../src/real-clock.ts'
import { seededRandom } from '../src/seeded-random.ts'
import { type RunningServer, startServer } from '../src/server.ts'

const hasCli = (await execa('aws', ['--version'], { reject: false })).exitCode === 0
if (!hasCli)
  console.warn('Left out: the AWS CLI is not on the PATH, so that it works with the local AWS is not shown.')

let cloud: Cloud
let server: RunningServer
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-aws-cli-'))
  cloud = createCloud({
    clock: new RealClock(),
    random: seededRandom(1),
    // A group that is scaled launches, where who asks for it takes its time.
    machines: (account) => virtualMachines(account),
  })
  server = await startServer(cloud, { host: '127.0.0.1', port: 0 })
})

afterAll(async () => {
  await server.close()
  await closeCloud(cloud)
  await rm(directory, { recursive: true })
})

async function aws(...args: string[]): Promise<string> {
  const env = {
    AWS_ENDPOINT_URL: server.url,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'ops',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_CONFIG_FILE: join(directory, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
  }
  const { stdout } = await execa('aws', [...args, '--output', 'json'], { env, cwd: directory })
  return stdout
}

test.skipIf(!hasCli)('says who it is', async () => {
  expect(JSON.parse(await aws('sts', 'get-caller-identity'))).toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/ops',
  })
})

test.skipIf(!hasCli)('copies files to S3 and back, in one part and in several', async () => {
  await aws('s3', 'mb', 's3://store')
  for (const [name, size] of [
    ['small', 100],
    ['large', 20_000_000],
  ] as const) {
    const file = join(directory, name)
    const content = Buffer.alloc(size, `${name} `)
    await writeFile(file, content)
    await aws('s3', 'cp', '--no-progress', file, `s3://store/files/${name}`)
    await aws('s3', 'cp', '--no-progress', `s3://store/files/${name}`, `${file}.back`)
    expect((await readFile(`${file}.back`)).equals(content)).toBe(true)
  }
  expect(await aws('s3', 'ls', 's3://store/')).toContain('PRE files/')
  await aws('s3', 'rm', '--recursive', 's3://store/files')
  expect(await aws('s3', 'ls', 's3://store/')).toBe('')
})

test.skipIf(!hasCli)('reads and refuses in each protocol', async () => {
  const data = JSON.stringify({ ImageId: 'ami-0c0ffee0000000864' })
  const create = 'create-launch-template --launch-template-name web --launch-template-data'
  await aws('ec2', ...create.split(' '), data)
  const group =
    'create-auto-scaling-group --auto-scaling-group-name web-blue --launch-template LaunchTemplateName=web --min-size 0 ' +
    '--max-size 2 --vpc-zone-identifier subnet-a --tags Key=switchover:service,Value=web,PropagateAtLaunch=true'
  await aws('autoscaling', ...group.split(' '))
  const { AutoScalingGroups } = JSON.parse(
    await aws(
      'autoscaling',
      'describe-auto-scaling-groups',
      '--filters',
      'Name=tag:switchover:service,Values=web',
    ),
  ) as { AutoScalingGroups: object[] }
  expect(AutoScalingGroups).toMatchObject([
    { AutoScalingGroupName: 'web-blue', MinSize: 0, DesiredCapacity: 0 },
  ])
  expect(JSON.parse(await aws('ec2', 'describe-instances'))).toEqual({ Reservations: [] })
  expect(JSON.parse(await aws('elbv2', 'describe-target-groups'))).toEqual({ TargetGroups: [] })
  await expect(aws('ec2', 'describe-instances', '--instance-ids', 'i-0123456789abcdef0')).rejects.toThrow(
    "An error occurred (InvalidInstanceID.NotFound) when calling the DescribeInstances operation: The instance ID 'i-0123456789abcdef0' does not exist",
  )
  await expect(aws('ecr', 'list-images', '--repository-name', 'web')).rejects.toThrow(
    'UnknownOperationException',
  )
  // Two APIs of one name: only the version tells them apart.
  expect(JSON.parse(await aws('elb', 'describe-load-balancers'))).toEqual({ LoadBalancerDescriptions: [] })
  expect(JSON.parse(await aws('elbv2', 'describe-load-balancers'))).toEqual({ LoadBalancers: [] })
  await expect(aws('elb', 'describe-instance-health', '--load-balancer-name', 'web')).rejects.toThrow(
    '(LoadBalancerNotFound)',
  )
  await expect(aws('elb', 'describe-load-balancer-policy-types')).rejects.toThrow('(InvalidAction)')
})

test.skipIf(!hasCli)('scales a group by a policy and its alarm, and on schedule', async () => {
  const data = JSON.stringify({ ImageId: 'ami-0c0ffee0000000864' })
  const create = 'create-launch-template --launch-template-name scaled --launch-template-data'
  await aws('ec2', ...create.split(' '), data)
  const group =
    'create-auto-scaling-group --auto-scaling-group-name scaled --launch-template LaunchTemplateName=scaled --min-size 0 ' +
    '--max-size 9 --vpc-zone-identifier subnet-a'
  await aws('autoscaling', ...group.split(' '))
  const policy =
    'put-scaling-policy --auto-scaling-group-name scaled --policy-name grow --policy-type StepScaling ' +
    '--adjustment-type ChangeInCapacity --step-adjustments ' +
    'MetricIntervalLowerBound=0,MetricIntervalUpperBound=10,ScalingAdjustment=1 MetricIntervalLowerBound=10,ScalingAdjustment=4'
  const { PolicyARN } = JSON.parse(await aws('autoscaling', ...policy.split(' '))) as { PolicyARN: string }
  const alarm =
    'put-metric-alarm --alarm-name busy --namespace AWS/EC2 --metric-name CPUUtilization --statistic Average --period 60 ' +
    '--evaluation-periods 2 --threshold 70 --comparison-operator GreaterThanThreshold ' +
    '--dimensions Name=AutoScalingGroupName,Value=scaled --alarm-actions'
  await aws('cloudwatch', ...alarm.split(' '), PolicyARN)
  const ring = 'set-alarm-state --alarm-name busy --state-value ALARM --state-reason test --state-reason-data'
  await aws('cloudwatch', ...ring.split(' '), JSON.stringify({ recentDatapoints: [85] }))
  expect(JSON.parse(await aws('cloudwatch', 'describe-alarms', '--alarm-names', 'busy'))).toMatchObject({
    MetricAlarms: [{ AlarmName: 'busy', StateValue: 'ALARM', Threshold: 70, AlarmActions: [PolicyARN] }],
    CompositeAlarms: [],
  })
  const described = await aws(
    'autoscaling',
    'describe-auto-scaling-groups',
    '--auto-scaling-group-names',
    'scaled',
  )
  expect(JSON.parse(described)).toMatchObject({ AutoScalingGroups: [{ DesiredCapacity: 4 }] })
  const nightly =
    'put-scheduled-update-group-action --auto-scaling-group-name scaled --scheduled-action-name nightly'
  await aws('autoscaling', ...nightly.split(' '), '--recurrence', '0 22 * * *', '--min-size', '0')
  expect(JSON.parse(await aws('autoscaling', 'describe-scheduled-actions'))).toMatchObject({
    ScheduledUpdateGroupActions: [{ ScheduledActionName: 'nightly', Recurrence: '0 22 * * *', MinSize: 0 }],
  })
  await expect(aws('cloudwatch', 'delete-alarms', '--alarm-names', 'gone')).rejects.toThrow(
    '(ResourceNotFound)',
  )
})
