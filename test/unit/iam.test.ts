import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

type Statement = {
  Sid: string
  Effect: 'Allow' | 'Deny'
  Action: string | string[]
  Resource: string | string[]
}

const root = join(import.meta.dirname, '../..')
const prefixes: Readonly<Record<string, string>> = {
  'auto-scaling': 'autoscaling',
  cloudwatch: 'cloudwatch',
  ec2: 'ec2',
  ecr: 'ecr',
  'elastic-load-balancing': 'elasticloadbalancing',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  s3: 's3',
  sts: 'sts',
}
/** Operations whose permission has another name. */
const permissions: Readonly<Record<string, string>> = {
  's3:DeleteObjects': 's3:DeleteObject',
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
}
/** What Docker asks of ECR with the agent's token. */
const pull = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']

function statements(role: string): Statement[] {
  const text = readFileSync(join(root, 'bootstrap/iam', `${role}.json`), 'utf8')
  return (JSON.parse(text) as { Statement: Statement[] }).Statement
}

function allowed(role: string): string[] {
  const actions = statements(role).filter(({ Effect }) => Effect === 'Allow')
  return [...new Set(actions.flatMap(({ Action }) => Action))].toSorted()
}

/** Permissions for every command and paginator the sources of a package import from an SDK client. */
function called(name: string): string[] {
  const files = globSync(`packages/${name}/src/**/*.ts`, { cwd: root }).filter(
    (file) => !file.endsWith('.test.ts'),
  )
  const actions = files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8')
    const imports = source.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([^']+)'/g)
    return [...imports].flatMap(([, names = '', client = '']) => {
      const prefix = prefixes[client]
      if (prefix === undefined) throw new Error(`${file} uses the client ${client}, which no role knows.`)
      return [...names.matchAll(/\bpaginate(\w+)|\b([A-Z]\w+)Command\b/g)].map(
        ([, paginated, command]) => `${prefix}:${paginated ?? command}`,
      )
    })
  })
  // GetCallerIdentity needs no permission (AWS STS API reference).
  const needed = actions.filter((action) => action !== 'sts:GetCallerIdentity')
  return [...new Set(needed.map((action) => permissions[action] ?? action))].toSorted()
}

describe('the IAM policies allow what the code calls and nothing else', () => {
  test('the coordinator role', () => {
    expect(allowed('coordinator-role')).toEqual(called('coordinator'))
  })

  test('the instance role', () => {
    expect(allowed('instance-role')).toEqual([...new Set([...called('agent'), ...pull])].toSorted())
  })
})

test.each(['coordinator-role', 'instance-role'])('%s changes nothing on every resource', (role) => {
  const open = statements(role).filter(({ Effect, Resource }) => Effect === 'Allow' && Resource === '*')
  const looks = /^(autoscaling|cloudwatch|ec2|elasticloadbalancing):Describe|^ecr:GetAuthorizationToken$/
  expect(open.flatMap(({ Action }) => Action).filter((action) => !looks.test(action))).toEqual([])
})
