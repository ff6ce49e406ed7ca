import {
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingInstancesCommand,
  PutLifecycleHookCommand,
} from '@aws-sdk/client-auto-scaling'
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import type { AwsClients } from '../../packages/coordinator/src/aws/clients.ts'
import { bucket as Bucket } from '../../packages/coordinator/test/support/account.ts'
import { createGuarded, roleNames, type Guarded } from '../../packages/coordinator/test/support/guarded.ts'
import { size, storeUrl } from '../../packages/coordinator/test/support/web-service.ts'

/** The service `web` and its neighbour `shop`, who has one instance and the same store, under the shipped policies. */
export type Neighbours = {
  web: Guarded
  ids: { web: string; other: string; shop: string }
  /** Clients of an instance of `web`. */
  instance: AwsClients & { sts: STSClient }
  /** `aws:userid` of that instance. */
  userId: string
}

export async function createNeighbours(): Promise<Neighbours> {
  const web = await createGuarded()
  const { clients, cloud } = web
  for (const name of ['shop-blue', 'shop-green'])
    await clients.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchTemplate: { LaunchTemplateName: 'web' },
        MinSize: 0,
        MaxSize: 1,
        AvailabilityZones: ['us-east-1a'],
        Tags: Object.entries({ 'switchover:service': 'shop', 'switchover:store': storeUrl }).map(
          ([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true, ResourceId: name }),
        ),
      }),
    )
  await clients.autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName: 'web-blue',
      LifecycleHookName: 'boot',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    }),
  )
  await size(web, 'shop-blue', 1)
  await clients.ecr.send(new CreateRepositoryCommand({ repositoryName: 'shop' }))
  for (const Key of ['web/deployment.json', 'shop/deployment.json', 'shop/bundles/0123456789ab.tar.gz'])
    await clients.s3.send(new PutObjectCommand({ Bucket, Key: `switchover/${Key}`, Body: '{}' }))
  const { AutoScalingInstances = [] } = await clients.autoScaling.send(
    new DescribeAutoScalingInstancesCommand({}),
  )
  const of = (group: string) =>
    AutoScalingInstances.flatMap(({ AutoScalingGroupName, InstanceId = '' }) =>
      AutoScalingGroupName === group ? [InstanceId] : [],
    )
  const [first = '', other = ''] = of('web-blue')
  const ids = { web: first, other, shop: of('shop-blue')[0] ?? '' }
  const { accessKeyId } = cloud.identities.issue(first, roleNames.instance)
  const { userId } = cloud.identities.callerOf(accessKeyId)
  const sts = new STSClient({
    region: cloud.region,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    requestHandler: inProcessHandler(cloud),
  })
  const instance = { ...web.connect((_, proceed) => proceed(), accessKeyId), sts }
  return { web, ids, instance, userId }
}
