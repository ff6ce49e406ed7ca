import {
  DeletePolicyCommand,
  PutScalingPolicyCommand,
  paginateDescribePolicies,
  type ScalingPolicy,
} from '@aws-sdk/client-auto-scaling'
import { policyTypes, type PolicyDefinition, type Settings } from '@switchover/contract/scaling'
import type { Policy } from '../decide/world.ts'
import { Refusal } from '../events.ts'
import type { AwsClients } from './clients.ts'
import { plain } from './plain.ts'

type Field = keyof ScalingPolicy

/** What PutScalingPolicy takes for each type; it refuses fields of the others (aws.md 6.1). */
const fields: Readonly<Record<PolicyDefinition['type'], readonly Field[]>> = {
  SimpleScaling: ['AdjustmentType', 'MinAdjustmentMagnitude', 'ScalingAdjustment', 'Cooldown', 'Enabled'],
  StepScaling: [
    'AdjustmentType',
    'MinAdjustmentMagnitude',
    'StepAdjustments',
    'MetricAggregationType',
    'EstimatedInstanceWarmup',
    'Enabled',
  ],
  TargetTrackingScaling: ['TargetTrackingConfiguration', 'EstimatedInstanceWarmup', 'Enabled'],
  PredictiveScaling: ['PredictiveScalingConfiguration'],
}

/** A quota of 50 policies (aws.md 1.0) is far less than this many pages of 50. */
const pageLimit = 20

/** Policies of one group, and the names of the alarms that call its simple and step policies. */
export async function readPolicies(
  { autoScaling }: Pick<AwsClients, 'autoScaling'>,
  group: string,
): Promise<Readonly<{ policies: Policy[]; alarms: string[] }>> {
  const raw: ScalingPolicy[] = []
  let pages = 0
  for await (const { ScalingPolicies = [] } of paginateDescribePolicies(
    { client: autoScaling },
    { AutoScalingGroupName: group },
  )) {
    raw.push(...ScalingPolicies)
    pages += 1
    if (pages >= pageLimit) throw new Error('DescribePolicies answers without an end.')
  }
  const policies = raw.map((one) => toPolicy(one, group))
  const alarms = raw.flatMap(({ PolicyType, Alarms = [] }) =>
    // The alarms of target tracking are made, changed and deleted with its policy (aws.md 6.1).
    PolicyType === 'TargetTrackingScaling' ? [] : Alarms.flatMap(({ AlarmName }) => AlarmName ?? []),
  )
  return { policies, alarms: [...new Set(alarms)] }
}

/** @throws {Refusal} (2) where the policy is of a type that did not exist when this was written. */
function toPolicy(raw: ScalingPolicy, group: string): Policy {
  const name = raw.PolicyName ?? ''
  // Of old, simple scaling had no type.
  const type = policyTypes.find((one) => one === (raw.PolicyType ?? 'SimpleScaling'))
  if (type === undefined) {
    const sentence = `Policy ${name} of ${group} is of type ${raw.PolicyType}, which cannot be moved: give --scaling none.`
    throw new Refusal(2, 'refused', sentence)
  }
  return { name, type, settings: settingsOf(raw, fields[type]), arn: raw.PolicyARN ?? '' }
}

/** Only what PutScalingPolicy takes: not MinAdjustmentStep, a twin of old, and no empty list. */
function settingsOf(raw: ScalingPolicy, taken: readonly Field[]): Settings {
  const settings: Settings = {}
  for (const field of taken) {
    const value = raw[field]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    if (field === 'MinAdjustmentMagnitude' && raw.AdjustmentType !== 'PercentChangeInCapacity') continue
    settings[field] = plain(value)
  }
  return settings
}

export function putPolicyCommand(group: string, { name, type, settings }: PolicyDefinition) {
  return new PutScalingPolicyCommand({
    ...settings,
    AutoScalingGroupName: group,
    PolicyName: name,
    PolicyType: type,
  })
}

export function deletePolicyCommand(group: string, name: string) {
  return new DeletePolicyCommand({ AutoScalingGroupName: group, PolicyName: name })
}
