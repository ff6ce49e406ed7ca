import type { Machine } from '../instances/kind.ts'
import type { MetadataOptions } from './metadata-options.ts'

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped'

/** Codes of DescribeInstances (EC2 API reference, InstanceState). */
export const stateCode: Record<InstanceState, number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
}

/** A change of a tag and when others see it; `value` null takes the tag away. */
export type TagWrite = { key: string; value: string | null; visibleAt: number }

export type Instance = {
  readonly id: string
  readonly reservationId: string
  readonly ip: string
  readonly imageId: string
  readonly instanceType: string
  readonly architecture: string
  readonly availabilityZone: string
  readonly subnetId: string
  /** Name of the instance profile, and so of its role, or null. */
  readonly profile: string | null
  readonly launchedAt: number
  /** TerminateInstances is refused; Auto Scaling is not (EC2 user guide, termination protection). */
  terminationProtected: boolean
  readonly metadataOptions: MetadataOptions
  state: InstanceState
  stateReason: { code: string; message: string } | null
  terminatedAt: number | null
  readonly tagWrites: TagWrite[]
  machine: Machine | null
}

/** The tags others see at `now`: reads of tags lag behind their writes (EC2 API reference, eventual consistency). */
export function visibleTags(instance: Instance, now: number): Record<string, string> {
  const tags: Record<string, string> = {}
  for (const { key, value, visibleAt } of instance.tagWrites) {
    if (visibleAt > now) continue
    if (value === null) delete tags[key]
    else tags[key] = value
  }
  return tags
}
