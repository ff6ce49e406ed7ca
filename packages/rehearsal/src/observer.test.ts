import { AutoScalingClient, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { S3Client } from '@aws-sdk/client-s3'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { inProcessHandler } from '@switchover/local-aws/in-process'
import { virtualMachines } from '@switchover/local-aws/instances/virtual'
import { seededRandom } from '@switchover/local-aws/seeded-random'
import { SimulatedClock } from '@switchover/local-aws/simulated-clock'
import { expect, test } from 'vitest'
import { createService, groupNames, keys } from './account.ts'
import { startObserver } from './observer.ts'

const [blue] = groupNames
const checks = { intervalS: 5, timeoutS: 2, healthyThreshold: 2, unhealthyThreshold: 2, drainS: 0 }
const minute = 60_000

test('goes on looking when EC2 has forgotten an instance that ended', async () => {
  const clock = new SimulatedClock()
  const cloud = createCloud({
    clock,
    random: seededRandom(1),
    machines: (account) => virtualMachines(account),
  })
  const common = { region: cloud.region, credentials: keys, requestHandler: inProcessHandler(cloud) }
  const clients = {
    autoScaling: new AutoScalingClient(common),
    elb: new ElasticLoadBalancingV2Client(common),
    ec2: new EC2Client(common),
    s3: new S3Client(common),
  }
  const { targetGroupArn } = await createService(clients, {
    userData: '',
    listenerPort: 80,
    appPort: 80,
    agentPort: 8_090,
    healthIntervalS: 5,
    deregistrationDelayS: 0,
    maxSize: 1,
    like: { checks, graceS: 0, hooks: [] },
  })
  const observer = startObserver(clients, { groups: groupNames, targetGroupArn }, 10)
  const resize = async (DesiredCapacity: number) => {
    await clients.autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: blue, DesiredCapacity }),
    )
    await clock.advance(2 * minute)
  }
  const seen = (state: string) =>
    expect.poll(() => observer.sightings().filter((one) => one.state === state).length)
  await resize(1)
  await seen('running').toBe(1)
  await resize(0)
  await seen('terminated').toBe(1)
  await clock.advance(61 * minute)
  expect(cloud.ec2.instances()).toEqual([])
  await resize(1)
  await seen('running').toBe(2)
  await observer.stop()
  await closeCloud(cloud)
})
