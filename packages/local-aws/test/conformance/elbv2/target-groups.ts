import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type CreateTargetGroupCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect } from 'vitest'
import { targetGroup } from '../support/balancing.ts'
import { operation } from '../support/row.ts'

const create = operation('ELBv2', 'CreateTargetGroup')
const modify = operation('ELBv2', 'ModifyTargetGroup')
const describe = operation('ELBv2', 'DescribeTargetGroups')
const attributes = operation('ELBv2', 'ModifyTargetGroupAttributes')
const model = 'elbv2 2015-12-01, CreateTargetGroup'

type Settings = Partial<CreateTargetGroupCommandInput>
const nothing: Settings = {
  HealthCheckIntervalSeconds: undefined,
  HealthCheckTimeoutSeconds: undefined,
  HealthyThresholdCount: undefined,
  UnhealthyThresholdCount: undefined,
  HealthCheckPath: undefined,
}

create.row(
  {
    status: 'model',
    source: model,
    says: 'checks every 30 s for / over HTTP, 5 s at most, with thresholds of 5 and 2, and takes 200',
  },
  async (scene) => {
    const arn = await targetGroup(scene, { listener: false, settings: nothing })
    const { TargetGroups } = await scene.place.elb.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }),
    )
    expect(TargetGroups?.[0]).toMatchObject({
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: 'traffic-port',
      HealthCheckPath: '/',
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200' },
      TargetType: 'instance',
      LoadBalancerArns: [],
    })
  },
)

create.row(
  {
    status: 'model',
    source: model,
    says: 'of TCP checks a connection every 30 s, 10 s at most, with thresholds of 5 and 2',
  },
  async (scene) => {
    const settings = { ...nothing, Protocol: 'TCP' } as const
    const arn = await targetGroup(scene, { listener: false, settings })
    const { TargetGroups } = await scene.place.elb.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }),
    )
    expect(TargetGroups?.[0]).toMatchObject({
      HealthCheckProtocol: 'TCP',
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 10,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
    })
  },
)

const bounds: [keyof Settings, number, number][] = [
  ['HealthCheckIntervalSeconds', 5, 300],
  ['HealthCheckTimeoutSeconds', 2, 120],
  ['HealthyThresholdCount', 2, 10],
  ['UnhealthyThresholdCount', 2, 10],
]

for (const [name, least, most] of bounds)
  modify.row(
    { status: 'model', source: model, says: `${name} is from ${least} to ${most}` },
    async (scene) => {
      const TargetGroupArn = await targetGroup(scene, { listener: false })
      const change = (value: number) =>
        scene.place.elb.send(
          new ModifyTargetGroupCommand({
            TargetGroupArn,
            // Room for the greatest timeout, and a timeout below the shortest interval.
            HealthCheckIntervalSeconds: name === 'HealthCheckTimeoutSeconds' ? 300 : 30,
            HealthCheckTimeoutSeconds: 2,
            [name]: value,
          }),
        )
      await change(least)
      await change(most)
      for (const value of [least - 1, most + 1])
        expect(await scene.refusal(change(value))).toMatchObject({ code: 'ValidationError', status: 400 })
    },
  )

describe.row(
  {
    status: 'model',
    source: 'elbv2 2015-12-01, DescribeTargetGroups',
    says: 'are found by name, by ARN and by their load balancer, which each of them tells',
  },
  async (scene) => {
    const arn = await targetGroup(scene)
    await targetGroup(scene, { listener: false })
    const find = async (how: DescribeTargetGroupsCommand['input']) =>
      (await scene.place.elb.send(new DescribeTargetGroupsCommand(how))).TargetGroups ?? []
    const [found] = await find({ TargetGroupArns: [arn] })
    const [balancer] = found?.LoadBalancerArns ?? []
    expect(await find({ Names: [found?.TargetGroupName ?? ''] })).toEqual([found])
    expect((await find({ LoadBalancerArn: balancer })).map((one) => one.TargetGroupArn)).toContain(arn)
  },
)

describe.row(
  { status: 'model', source: 'elbv2 2015-12-01, DescribeTargetGroups', says: 'pages have from 1 to 400' },
  async (scene) => {
    const page = (PageSize: number) => scene.place.elb.send(new DescribeTargetGroupsCommand({ PageSize }))
    await page(400)
    for (const size of [0, 401])
      expect(await scene.refusal(page(size))).toMatchObject({ code: 'ValidationError', status: 400 })
  },
)

attributes.row(
  {
    status: 'documented',
    source: 'Application Load Balancer guide, load-balancer-target-groups',
    says: 'targets drain for 300 s unless told otherwise, and slow start is off',
  },
  async (scene) => {
    const TargetGroupArn = await targetGroup(scene, { drainS: null, listener: false })
    const told = await scene.place.elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }))
    const values = new Map((told.Attributes ?? []).map(({ Key, Value }) => [Key, Value]))
    expect(values.get('deregistration_delay.timeout_seconds')).toBe('300')
    expect(values.get('slow_start.duration_seconds')).toBe('0')
  },
)

attributes.row(
  {
    status: 'documented',
    source: 'Network Load Balancer guide, load-balancer-target-groups',
    says: 'at a Network Load Balancer flows go on after the delay unless told otherwise',
  },
  async (scene) => {
    const settings = { ...nothing, Protocol: 'TCP' } as const
    const TargetGroupArn = await targetGroup(scene, { drainS: null, listener: false, settings })
    const told = await scene.place.elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }))
    const values = new Map((told.Attributes ?? []).map(({ Key, Value }) => [Key, Value]))
    expect(values.get('deregistration_delay.timeout_seconds')).toBe('300')
    expect(values.get('deregistration_delay.connection_termination.enabled')).toBe('false')
  },
)

const attributeBounds: [string, string[], string[]][] = [
  ['deregistration_delay.timeout_seconds', ['0', '3600'], ['-1', '3601']],
  ['slow_start.duration_seconds', ['0', '30', '900'], ['29', '901']],
]

for (const [Key, good, bad] of attributeBounds)
  attributes.row(
    {
      status: 'documented',
      source: 'Application Load Balancer guide, load-balancer-target-groups',
      says: `${Key} takes ${good.join(', ')} and refuses ${bad.join(', ')}`,
    },
    async (scene) => {
      const TargetGroupArn = await targetGroup(scene, { listener: false })
      const change = (Value: string) =>
        scene.place.elb.send(
          new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key, Value }] }),
        )
      for (const value of good) await change(value)
      for (const value of bad)
        expect(await scene.refusal(change(value))).toMatchObject({ code: 'ValidationError', status: 400 })
    },
  )
