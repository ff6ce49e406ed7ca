import type { AwsClients } from '../aws/clients.ts'
import { readPolicies } from '../aws/policies.ts'
import { readSchedules } from '../aws/schedules.ts'
import type { Definition } from './findings/facts.ts'

export async function policiesOf(clients: AwsClients, group: string): Promise<Definition[]> {
  const { policies } = await readPolicies(clients, group)
  return policies.map(({ name, type, settings }) => ({ name, body: bodyOf(group, { type, settings }) }))
}

export async function schedulesOf(clients: AwsClients, group: string): Promise<Definition[]> {
  const actions = await readSchedules(clients, group)
  return actions.map(({ name, startsAt, ...definition }) => {
    // The start of a recurring action is its next time, which moves on by itself.
    const once = definition.recurrence === null ? startsAt : null
    return { name, body: bodyOf(group, { ...definition, once }) }
  })
}

/** Equal for equal definitions, in whatever order AWS answers; metrics of the group itself count as the same. */
function bodyOf(group: string, value: unknown): string {
  return JSON.stringify(sorted(value)).replaceAll(JSON.stringify(group), '"its group"')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]))
}
