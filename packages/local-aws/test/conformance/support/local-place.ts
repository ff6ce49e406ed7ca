import { createCloud, closeCloud } from '../../../src/create-cloud.ts'
import { builtInImages } from '../../../src/ec2/model.ts'
import { inProcessHandler } from '../../../src/in-process.ts'
import { seededRandom } from '../../../src/seeded-random.ts'
import { SimulatedClock } from '../../../src/simulated-clock.ts'
import { makeClients } from './clients.ts'
import { plainMachines, userData } from './machines.ts'
import type { Place } from './place.ts'

/** An account of the local AWS on simulated time, reached without sockets. */
export function localPlace(): Place {
  const clock = new SimulatedClock()
  const cloud = createCloud({ clock, random: seededRandom(7), machines: plainMachines })
  const clients = makeClients(
    {
      region: cloud.region,
      endpoint: 'http://aws.example',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      requestHandler: inProcessHandler(cloud),
      maxAttempts: 1,
    },
    { forcePathStyle: true },
  )
  const InstanceType = 't3.nano'
  return {
    ...clients,
    kind: 'local',
    cloud,
    prefix: 'conf',
    zones: { AvailabilityZones: [`${cloud.region}a`, `${cloud.region}b`] },
    subnets: ['subnet-a', 'subnet-b'],
    vpc: 'vpc-0local',
    loadBalancer: null,
    machine: { ImageId: builtInImages[0]?.id ?? '', InstanceType, UserData: userData },
    lookS: 3,
    now: () => clock.now(),
    advance: (seconds) => clock.advance(seconds * 1_000),
    close: () => closeCloud(cloud),
  }
}
