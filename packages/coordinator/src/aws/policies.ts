import {
  DeletePolicyCommand,
  PutScalingPolicyCommand,
  paginateDescribePolicies,
  type ScalingPolicy,
} from '@aws-sdk/client-auto-scaling'
import { policyTypes, type PolicyDefinition } from '@switchover/contract/scaling'
import { policySettings } from '@switchover/contract/scaling-settings'
import type { Policy } from '../decide/world.ts'
import { Refusal } from '../events.ts'
import type { AwsClients } from './clients.ts'
import { allPages } from './pages.ts'

/** A quota of 50 policies (Auto Scaling user guide, ec2-auto-scaling-quotas) is far less than this many pages of 50. */
const pageLimit = 20

/** Policies of one group, and the names of the alarms that call its simple and step policies. */
export async function readPolicies(
  { autoScaling }: Pick<AwsClients, 'autoScaling'>,
  group: string,
): Promise<Readonly<{ policies: Policy[]; alarms: string[] }>> {
  const raw: ScalingPolicy[] = []
  const pages = paginateDescribePolicies({ client: autoScaling }, { AutoScalingGroupName: group })
  for await (const { ScalingPolicies = [] } of allPages(pages, pageLimit)) raw.push(...ScalingPolicies)
  const policies = raw.map((one) => toPolicy(one, group))
  const alarms = raw.flatMap(({ PolicyType, Alarms = [] }) =>
    // The alarms of target tracking are made, changed and deleted with its policy (Auto Scaling user guide,
    // as-scaling-target-tracking).
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
  return { name, type, settings: policySettings(type, raw), arn: raw.PolicyARN ?? '' }
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
