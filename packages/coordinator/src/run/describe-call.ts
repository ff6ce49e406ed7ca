import { list } from '../decide/words.ts'
import type { PlannedCall } from '../events.ts'

/** Longest value printed; longer ones are cut. `--json` has them whole. */
const valueLength = 320

/** A call on one line, its parameters in AWS's words: `EnterStandby AutoScalingGroupName=web-blue InstanceIds=i-1, i-2`. */
export function describeCall({ operation, input }: PlannedCall): string {
  const words = Object.entries(input).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${say(value)}`],
  )
  return [operation, ...words].join(' ')
}

function say(value: unknown): string {
  const text = Array.isArray(value) ? sayAll(value) : sayOne(value)
  return text.length > valueLength ? `${text.slice(0, valueLength)}…` : text
}

function sayOne(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function sayAll(values: readonly unknown[]): string {
  const tags = values.filter(isTag)
  const [first] = tags
  if (first === undefined || tags.length !== values.length) return list(values.map(sayOne))
  const words = tags.map(({ Key, Value }) => (Value === undefined ? Key : `${Key}=${Value}`))
  return [first.ResourceId, ...words].join(' ')
}

type Tag = { ResourceId: string; Key: string; Value?: string }

function isTag(value: unknown): value is Tag {
  return typeof value === 'object' && value !== null && 'ResourceId' in value && 'Key' in value
}
