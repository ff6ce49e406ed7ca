import { schemaSentence } from '@switchover/contract/sentence'
import * as z from 'zod'
import { isKnownKey, isMultivalued } from './condition-keys.ts'
import { readOperator, type Condition } from './conditions.ts'
import { shapeOf, variablesOf } from './pattern.ts'

/** An identity-based policy, read and found to be one that can be evaluated here. */
export type Policy = readonly Statement[]

export type Statement = Readonly<{
  effect: 'Allow' | 'Deny'
  actions: Selection
  resources: Selection
  conditions: readonly Condition[]
}>

/** What patterns name, or with `except` everything else (NotAction, NotResource). */
export type Selection = Readonly<{ patterns: readonly string[]; except: boolean }>

/** A policy that cannot be evaluated; the message is one sentence. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
}

const texts = z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat())
const values = z
  .union([
    z.string(),
    z.boolean(),
    z.number(),
    z.array(z.union([z.string(), z.boolean(), z.number()])).min(1),
  ])
  .transform((value) => [value].flat().map(String))
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Resource: texts.optional(),
  NotResource: texts.optional(),
  Condition: z.record(z.string(), z.record(z.string(), values)).default({}),
})
const policySchema = z.strictObject({
  // The older version knows no variables: what they stand for would be taken literally.
  Version: z.literal('2012-10-17'),
  Id: z.string().optional(),
  Statement: z
    .union([statementSchema, z.array(statementSchema).min(1)])
    .transform((statements) => [statements].flat()),
})

/**
 * Reads a policy document, strictly: an operator, a condition key or an element that is not evaluated here is an error
 * and never passed over.
 * @param name what the policy is called in errors
 * @throws {PolicyError}
 */
export function readPolicy(document: unknown, name: string): Policy {
  const parsed = policySchema.safeParse(document)
  if (!parsed.success)
    throw new PolicyError(`The policy ${name} is not valid: ${schemaSentence(parsed.error)}`)
  return parsed.data.Statement.map((statement, index) => {
    const where = `The policy ${name}, statement ${statement.Sid ?? index + 1}`
    return {
      effect: statement.Effect,
      actions: readActions(statement, where),
      resources: readResources(statement, where),
      conditions: readConditions(statement.Condition, where),
    }
  })
}

type Written = z.infer<typeof statementSchema>

function readActions({ Action, NotAction }: Written, where: string): Selection {
  const actions = choose(Action, NotAction, `${where}: Action and NotAction`)
  const wrong = actions.patterns.find((action) => action !== '*' && !/^[a-z0-9-]+:[\w*?]+$/i.test(action))
  if (wrong !== undefined) throw new PolicyError(`${where}: "${wrong}" is not an action.`)
  return actions
}

function readResources({ Resource, NotResource }: Written, where: string): Selection {
  const resources = choose(Resource, NotResource, `${where}: Resource and NotResource`)
  for (const resource of resources.patterns) {
    if (resource !== '*' && !/^arn:(?:(?:[^:]*:){4}.|.*\*$)/.test(shapeOf(resource)))
      throw new PolicyError(`${where}: "${resource}" is neither an ARN nor *.`)
    checkVariables(resource, where)
  }
  return resources
}

function choose(included: string[] | undefined, excluded: string[] | undefined, what: string): Selection {
  if (included && !excluded) return { patterns: included, except: false }
  if (excluded && !included) return { patterns: excluded, except: true }
  throw new PolicyError(`${what} exclude each other, and one is needed.`)
}

function readConditions(written: Written['Condition'], where: string): Condition[] {
  return Object.entries(written).flatMap(([text, keys]) => {
    const operator = readOperator(text)
    if (!operator) throw new PolicyError(`${where}: the condition operator ${text} is not evaluated here.`)
    return Object.entries(keys).map(([key, values]) => {
      if (!isKnownKey(key))
        throw new PolicyError(`${where}: no request here carries the condition key ${key}.`)
      if (isMultivalued(key) && operator.set === null && operator.name !== 'Null')
        throw new PolicyError(`${where}: ${key} has several values: say ForAllValues: or ForAnyValue:.`)
      for (const value of values) checkVariables(value, where)
      return { operator, key, values }
    })
  })
}

function checkVariables(pattern: string, where: string): void {
  const unknown = variablesOf(pattern).find((name) => !isKnownKey(name))
  if (unknown !== undefined)
    throw new PolicyError(`${where}: no request here gives the variable \${${unknown}}.`)
}
