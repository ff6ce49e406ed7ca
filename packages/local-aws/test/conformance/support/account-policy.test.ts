import { readFileSync, globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** Where the action of a call is named other than the call (service authorization reference). */
const otherwise: Record<string, string> = {
  's3:DeleteObjects': 's3:DeleteObject',
  's3:HeadObject': 's3:GetObject',
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListObjectsV2': 's3:ListBucket',
}
const prefixes: Record<string, string> = {
  'auto-scaling': 'autoscaling',
  'elastic-load-balancing': 'elasticloadbalancing',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
}
/** Allowed to everybody (STS API reference), and not asked of an account. */
const free = new Set(['sts:GetCallerIdentity', 'sts:AssumeRole'])

test('the policy in the documentation names every action the suite asks for in an account', () => {
  const directory = fileURLToPath(new URL('..', import.meta.url))
  const sources = globSync('**/*.ts', { cwd: directory }).map((file) =>
    readFileSync(`${directory}/${file}`, 'utf8'),
  )
  const imports = sources.flatMap((source) => [
    ...source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([^']+)'/g),
  ])
  const actions = imports.flatMap(([, names = '', service = '']) =>
    [...names.matchAll(/\b(?:([A-Z]\w+)Command\b|paginate(\w+))/g)].map(([, command, pages]) => {
      const action = `${prefixes[service] ?? service.replaceAll('-', '')}:${command ?? pages}`
      return otherwise[action] ?? action
    }),
  )
  expect(actions.length).toBeGreaterThan(100)

  const page = readFileSync(new URL('../../../../../docs/conformance.md', import.meta.url), 'utf8')
  const [, policy = '{}'] = /```json\n([^`]*)```/.exec(page) ?? []
  const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] }
  const patterns = Statement.flatMap(({ Action }) => Action)
  const allowed = (action: string) =>
    patterns.some((pattern) =>
      pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern,
    )
  expect([...new Set(actions)].filter((action) => !free.has(action) && !allowed(action))).toEqual([])
})
