import { setTimeout } from 'node:timers/promises'
import type { _InstanceType } from '@aws-sdk/client-ec2'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { makeClients } from './clients.ts'
import { userData } from './machines.ts'
import type { Place } from './place.ts'
import { confirm, type AccountTarget } from './target.ts'

/** The sandbox of a real account: real clients, real time. @throws {Refusal} unless it is the account that was named. */
export async function accountPlace(target: AccountTarget): Promise<Place> {
  const clients = makeClients({ region: target.region })
  await confirm(target, async () => (await clients.sts.send(new GetCallerIdentityCommand())).Account)
  return {
    ...clients,
    kind: 'account',
    cloud: null,
    prefix: target.prefix,
    zones: { VPCZoneIdentifier: target.subnets.join(',') },
    subnets: target.subnets,
    vpc: target.vpc,
    loadBalancer: target.loadBalancer,
    machine: {
      ImageId: target.image,
      InstanceType: target.instanceType as _InstanceType,
      UserData: userData,
    },
    lookS: 5,
    now: () => Date.now(),
    advance: (seconds) => setTimeout(seconds * 1_000),
    close: async () => {},
  }
}
