import type { AwsClients } from '../aws/clients.ts'
import { readPolicies } from '../aws/policies.ts'
import { readDefinitions } from '../aws/policy-alarms.ts'
import { readSchedules } from '../aws/schedules.ts'
import type { GroupScaling } from '../decide/world.ts'

/** Policies, the alarms that call them, and scheduled actions of one group. */
export async function readScaling(clients: AwsClients, group: string): Promise<GroupScaling> {
  const [{ policies, alarms }, actions] = await Promise.all([
    readPolicies(clients, group),
    readSchedules(clients, group),
  ])
  return { policies, alarms: await readDefinitions(clients, alarms), actions }
}
