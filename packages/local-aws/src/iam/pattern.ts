import { single, type Context } from './context.ts'

/** `${aws:userid}`, with a default `${aws:userid, 'nobody'}`; `${*}`, `${?}` and `${$}` are the characters themselves. */
const variable = /\$\{([^}]*)\}/g
const escapes: Readonly<Record<string, string>> = { '*': '*', '?': '?', $: '$' }

/**
 * What `*` and `?` stand for. text: any characters, any one character. resource: the same within a part of an ARN, but a
 * `*` that ends its part reaches on over the colons (IAM user guide, reference_policies_elements_resource). arn: within one
 * of the six parts of an ARN alone (…_elements_condition_operators). exact: themselves.
 */
type Kind = 'text' | 'resource' | 'arn' | 'exact'

/** The texts a policy's pattern stands for in one request, or null where a variable has no value: then nothing matches. */
export function compile(pattern: string, context: Context, kind: Kind): RegExp | null {
  let source = ''
  let colons = 0
  let last = 0
  const add = (end: number): void => {
    for (let at = last; at < end; at += 1) {
      const character = pattern.charAt(at)
      if (character === ':') colons += 1
      if (kind === 'exact' || !'*?'.includes(character)) source += RegExp.escape(character)
      else {
        const endsPart =
          kind === 'resource' && character === '*' && [':', ''].includes(pattern.charAt(at + 1))
        const anywhere = kind === 'text' || colons >= 5 || endsPart
        source += (anywhere ? '[^]' : '[^:]') + (character === '*' ? '*' : '')
      }
    }
  }
  for (const match of pattern.matchAll(variable)) {
    const value = valueOf(match[1] ?? '', context)
    if (value === null) return null
    add(match.index)
    source += RegExp.escape(value)
    last = match.index + match[0].length
  }
  add(pattern.length)
  return new RegExp(`^${source}$`)
}

/** Whether the pattern names `resource`. `*` names every resource, and also what an action without resources acts on. */
export function namesResource(pattern: string, resource: string, context: Context): boolean {
  return compile(pattern, context, pattern === '*' ? 'text' : 'resource')?.test(resource) ?? false
}

/** Names of the variables in a pattern, without their defaults. */
export function variablesOf(pattern: string): string[] {
  return [...pattern.matchAll(variable)]
    .map(([, body = '']) => read(body).name)
    .filter((name) => !Object.hasOwn(escapes, name))
}

/** The pattern with a neutral character in place of each variable, to judge its shape by. */
export function shapeOf(pattern: string): string {
  return pattern.replaceAll(variable, '_')
}

function valueOf(body: string, context: Context): string | null {
  const { name, fallback } = read(body)
  return escapes[name] ?? single(context, name) ?? fallback
}

function read(body: string): { name: string; fallback: string | null } {
  const [, name = body, fallback] = /^([^,]+?)\s*,\s*'([^']*)'$/.exec(body) ?? []
  return { name: name.trim(), fallback: fallback ?? null }
}
