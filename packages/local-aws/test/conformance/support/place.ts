import type { _InstanceType } from '@aws-sdk/client-ec2'
import type { Cloud } from '../../../src/cloud.ts'
import type { Clients } from './clients.ts'

/** Where scenes are played. Times in seconds, moments in milliseconds since the epoch. */
export type Place = Clients & {
  readonly kind: 'local' | 'account'
  /** Null in an account: what is forced there is done through the API or not at all. */
  readonly cloud: Cloud | null
  /** Begins the name of everything that is made. */
  readonly prefix: string
  /** How groups name their zones: zones here, subnets of two zones in an account. */
  readonly zones: { AvailabilityZones: string[] } | { VPCZoneIdentifier: string }
  readonly subnets: readonly string[]
  readonly vpc: string
  /** ARN of the load balancer a whole run in an account shares; null: each scene makes its own. */
  readonly loadBalancer: string | null
  readonly machine: { ImageId: string; InstanceType: _InstanceType; UserData: string }
  /** Between two looks while something is waited for. */
  readonly lookS: number
  now(): number
  /** Lets time pass: at once here, by waiting in an account. */
  advance(seconds: number): Promise<void>
  close(): Promise<void>
}
