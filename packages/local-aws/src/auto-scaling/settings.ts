import type { Cloud } from '../cloud.ts'
import { integer, structure, text, texts } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import type { Group } from './group.ts'

/** Min, max and desired that fit each other. @throws {AwsError} ValidationError. */
export function checkBounds(min: number, max: number, desired: number): void {
  if (min < 0 || max < 0)
    throw new AwsError('ValidationError', 'Min and max bounds must be greater than or equal to zero')
  if (min > max)
    throw new AwsError(
      'ValidationError',
      `Max bound, ${max}, must be greater than or equal to min bound, ${min}`,
    )
  if (desired < min || desired > max)
    throw new AwsError(
      'ValidationError',
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    )
}

/** What groups can have on AWS and not here: said, for a setting that is dropped in silence would flatter. */
const notOffered = [
  'CapacityRebalance',
  'DefaultInstanceWarmup',
  'InstanceId',
  'InstanceMaintenancePolicy',
  'LaunchConfigurationName',
  'MaxInstanceLifetime',
  'MixedInstancesPolicy',
  'PlacementGroup',
  'TrafficSources',
]

/** @throws {AwsError} ValidationError naming the setting. */
export function refuseNotOffered(input: Input): void {
  const named = notOffered.find((name) => isSet(input[name]))
  if (named !== undefined) throw new AwsError('ValidationError', `${named} is not offered by this endpoint.`)
}

function isSet(value: Input[string] | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false'
}

/** The launch template a request names, null where it names none. @throws {AwsError} ValidationError. */
export function readTemplate(cloud: Cloud, input: Input): Group['template'] | null {
  const named = structure(input, 'LaunchTemplate')
  const id = text(named, 'LaunchTemplateId')
  const name = text(named, 'LaunchTemplateName')
  if (id === undefined && name === undefined) return null
  const version = text(named, 'Version') ?? '$Default'
  const { templates } = cloud.ec2
  try {
    const template = templates.find({ id, name })
    templates.version(template, version)
    return { id: template.id, name: template.name, version }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw new AwsError(
      'ValidationError',
      `You must use a valid fully-formed launch template. ${error.message}`,
    )
  }
}

/** Zones and subnets of a request; subnets stand for the Region's zones in their order. */
export function readPlaces(cloud: Cloud, input: Input): Pick<Group, 'zones' | 'subnets'> | null {
  const zones = texts(input, 'AvailabilityZones')
  const subnets = (text(input, 'VPCZoneIdentifier') ?? '').split(',').filter(Boolean)
  if (zones.length === 0 && subnets.length === 0) return null
  const letters = subnets.map((_, index) => `${cloud.region}${'abcdef'.charAt(index % 6)}`)
  return { zones: zones.length > 0 ? zones : [...new Set(letters)], subnets }
}

const healthTypes = new Set(['EC2', 'ELB', 'EBS', 'VPC_LATTICE'])

export function readHealthCheckType(input: Input): string | undefined {
  const type = text(input, 'HealthCheckType')
  const unknown = type?.split(',').find((one) => !healthTypes.has(one))
  if (unknown === undefined) return type
  throw new AwsError('ValidationError', `Invalid Health Check Type: ${unknown}`)
}

/** @throws {AwsError} ValidationError where a target group is not there. */
export function readTargetGroups(cloud: Cloud, input: Input): string[] {
  const arns = texts(input, 'TargetGroupARNs')
  const missing = arns.find((arn) => !cloud.loadBalancing.targetGroups.has(arn))
  if (missing === undefined) return arns
  throw new AwsError(
    'ValidationError',
    `Provided Target Groups may not be valid. Please ensure they exist and try again.`,
  )
}

/** @throws {AwsError} ValidationError where a classic load balancer is not there. */
export function readLoadBalancers(cloud: Cloud, input: Input): string[] {
  const names = texts(input, 'LoadBalancerNames')
  const missing = names.find((name) => !cloud.loadBalancing.classic.has(name))
  if (missing === undefined) return names
  throw new AwsError(
    'ValidationError',
    `Provided Load Balancers may not be valid. Please ensure they exist and try again.`,
  )
}

export function readGrace(input: Input): number | undefined {
  return integer(input, 'HealthCheckGracePeriod')
}
