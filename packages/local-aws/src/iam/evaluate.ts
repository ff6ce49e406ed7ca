import { holds } from './conditions.ts'
import type { Context } from './context.ts'
import { compile, namesResource } from './pattern.ts'
import type { Policy, Selection, Statement } from './policy.ts'

/** What a call needs to be allowed: one action on one resource, `*` where the action knows no resources. */
export type Permission = Readonly<{ action: string; resource: string; context: Context }>

/** `denied` by a Deny statement, `not-allowed` for want of an Allow. */
export type Verdict = 'allowed' | 'denied' | 'not-allowed'

/** The verdict of all identity-based policies together: a Deny wins, and what no statement allows is not allowed. */
export function evaluate(policies: readonly Policy[], permission: Permission): Verdict {
  const applying = policies.flat().filter((statement) => applies(statement, permission))
  if (applying.some(({ effect }) => effect === 'Deny')) return 'denied'
  return applying.length > 0 ? 'allowed' : 'not-allowed'
}

function applies({ actions, resources, conditions }: Statement, permission: Permission): boolean {
  const { action, resource, context } = permission
  return (
    selects(actions, (pattern) => namesAction(pattern, action, context)) &&
    selects(resources, (pattern) => namesResource(pattern, resource, context)) &&
    conditions.every((condition) => holds(condition, context))
  )
}

function selects({ patterns, except }: Selection, names: (pattern: string) => boolean): boolean {
  return patterns.some(names) !== except
}

/** Actions are compared without regard to case (IAM user guide, reference_policies_elements_action). */
function namesAction(pattern: string, action: string, context: Context): boolean {
  return compile(pattern.toLowerCase(), context, 'text')?.test(action.toLowerCase()) ?? false
}
