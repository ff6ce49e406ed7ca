import { Readable } from 'node:stream'
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { DescribeLoadBalancersCommand as DescribeClassic } from '@aws-sdk/client-elastic-load-balancing'
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { XmlShapeDeserializer } from '@aws-sdk/core/protocols'
import { HttpResponse } from '@smithy/core/transport'
import { expect, test, vi } from 'vitest'
import { createClients, type AwsClients } from './clients.ts'

function clientsAnswered(xml: string): AwsClients {
  const requestHandler = {
    handle: async () => ({
      response: new HttpResponse({ statusCode: 200, body: Readable.from([Buffer.from(xml)]) }),
    }),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  }
  return createClients({
    region: 'eu-west-1',
    transport: {
      requestHandler,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    },
  })
}

const queryReply = (operation: string, inside: string) =>
  `<${operation}Response xmlns="http://a.com/"><${operation}Result>${inside}</${operation}Result></${operation}Response>`

const group =
  '<member><AutoScalingGroupName>web</AutoScalingGroupName><MinSize>2</MinSize><Instances/></member>'
const instance = '<item><instanceId>i-0123456789abcdef0</instanceId><ebsOptimized>true</ebsOptimized></item>'

test.each<[string, string, (clients: AwsClients) => Promise<object>, object]>([
  [
    'Auto Scaling',
    queryReply('DescribeAutoScalingGroups', `<AutoScalingGroups>${group}</AutoScalingGroups>`),
    ({ autoScaling }) => autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
    { AutoScalingGroups: [{ AutoScalingGroupName: 'web', MinSize: 2, Instances: [] }] },
  ],
  [
    'ELB',
    queryReply(
      'DescribeLoadBalancers',
      '<LoadBalancers><member><DNSName>a&amp;b</DNSName></member></LoadBalancers>',
    ),
    ({ elb }) => elb.send(new DescribeLoadBalancersCommand({})),
    { LoadBalancers: [{ DNSName: 'a&b' }] },
  ],
  [
    'classic ELB',
    queryReply('DescribeLoadBalancers', '<LoadBalancerDescriptions/>'),
    ({ classicElb }) => classicElb.send(new DescribeClassic({})),
    { LoadBalancerDescriptions: [] },
  ],
  [
    'EC2',
    `<DescribeInstancesResponse xmlns="http://a.com/"><reservationSet><item><instancesSet>${instance}</instancesSet></item></reservationSet></DescribeInstancesResponse>`,
    ({ ec2 }) => ec2.send(new DescribeInstancesCommand({})),
    { Reservations: [{ Instances: [{ InstanceId: 'i-0123456789abcdef0', EbsOptimized: true }] }] },
  ],
  [
    'S3',
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://a.com/"><Contents><Key>a</Key><ETag>&quot;1&quot;</ETag></Contents></ListBucketResult>',
    ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket: 'store' })),
    { Contents: [{ Key: 'a', ETag: '"1"' }] },
  ],
])('the client of %s reads its XML with it', async (_, xml, call, output) => {
  // The name is the SDK's own: where it is called no more, nothing is read with ours.
  const parse = vi.spyOn(
    XmlShapeDeserializer.prototype as unknown as { parseXml(xml: string): unknown },
    'parseXml',
  )
  expect(await call(clientsAnswered(xml))).toMatchObject(output)
  expect(parse.mock.calls).toEqual([[xml]])
  parse.mockRestore()
})
