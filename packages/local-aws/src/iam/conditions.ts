import type { Context } from './context.ts'
import { compile } from './pattern.ts'

/** One line of a statement's Condition: an operator, one key, the values any of which will do. */
export type Condition = Readonly<{
  operator: Operator
  key: string
  values: readonly string[]
}>

export type Operator = Readonly<{
  name: Comparison | 'Null'
  negated: boolean
  /** `…IfExists`: holds where the request does not carry the key. */
  ifExists: boolean
  /** How several values in the request are judged. */
  set: 'ForAllValues' | 'ForAnyValue' | null
}>

type Comparison = 'StringEquals' | 'StringEqualsIgnoreCase' | 'StringLike' | 'ArnLike' | 'Bool'

const comparisons: Record<Comparison, (wanted: string, actual: string, context: Context) => boolean> = {
  StringEquals: (wanted, actual, context) => compile(wanted, context, 'exact')?.test(actual) ?? false,
  StringEqualsIgnoreCase: (wanted, actual, context) =>
    compile(wanted.toLowerCase(), context, 'exact')?.test(actual.toLowerCase()) ?? false,
  StringLike: (wanted, actual, context) => compile(wanted, context, 'text')?.test(actual) ?? false,
  ArnLike: (wanted, actual, context) => compile(wanted, context, 'arn')?.test(actual) ?? false,
  Bool: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
}

/** ArnEquals is the same as ArnLike (IAM user guide, reference_policies_elements_condition_operators). */
const positive: Readonly<Record<string, Comparison>> = {
  StringEquals: 'StringEquals',
  StringEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringLike: 'StringLike',
  ArnEquals: 'ArnLike',
  ArnLike: 'ArnLike',
  Bool: 'Bool',
}
const negative: Readonly<Record<string, Comparison>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnLike',
  ArnNotLike: 'ArnLike',
}

/** The operator as a policy writes it, or null where it is none that is evaluated here. */
export function readOperator(text: string): Operator | null {
  const [, set, name = '', suffix] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(text) ?? []
  const ifExists = suffix !== undefined
  if (name === 'Null') return set || ifExists ? null : { name: 'Null', negated: false, ifExists, set: null }
  const comparison = positive[name] ?? negative[name]
  if (!comparison) return null
  const quantifier = set === 'ForAllValues' || set === 'ForAnyValue' ? set : null
  return { name: comparison, negated: negative[name] !== undefined, ifExists, set: quantifier }
}

/** Whether the condition holds. A key the request does not carry fails it, unless the operator is negated, IfExists or ForAllValues. */
export function holds({ operator, key, values }: Condition, context: Context): boolean {
  const actual = context.get(key.toLowerCase()) ?? []
  const { name, negated, ifExists, set } = operator
  if (name === 'Null') return values.some((value) => (value === 'true') === (actual.length === 0))
  if (actual.length === 0) {
    if (set === 'ForAnyValue') return ifExists
    return negated || ifExists || set === 'ForAllValues'
  }
  const passes = (one: string): boolean =>
    negated !== values.some((value) => comparisons[name](value, one, context))
  return set === 'ForAnyValue' ? actual.some(passes) : actual.every(passes)
}
