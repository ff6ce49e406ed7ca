import { readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { fillPolicy, type Role } from './policies.ts'
import { renderUserData } from './render.ts'

/** CloudFormation takes a larger template from a bucket only. */
const bytesMax = 51_200

const sub = (text: string) => ({ 'Fn::Sub': text })

/**
 * The CloudFormation template: `cloudformation.in.yaml` with the user-data and the roles' policies in their places.
 * @throws {RangeError} one sentence, where the result is larger than CloudFormation takes
 */
export function renderStack(): string {
  const source = readFileSync(new URL('cloudformation.in.yaml', import.meta.url), 'utf8')
  const places: Readonly<Record<string, unknown>> = {
    'user-data': { 'Fn::Base64': { 'Fn::Join': ['', userData()] } },
    'instance-role': policy('instance-role'),
    'coordinator-role': policy('coordinator-role'),
  }
  const text = source.replaceAll(
    /^( *)(\w+): '\{\{([a-z-]+)\}\}'$/gm,
    (_, indent: string, key: string, name: string) => {
      const value = stringify(places[name], {
        version: '1.1',
        lineWidth: 0,
        blockQuote: 'literal',
        aliasDuplicateObjects: false,
      })
      return `${indent}${key}:\n${value.trimEnd().replaceAll(/^(?=.)/gm, `${indent}  `)}`
    },
  )
  const rendered = `# Made of cloudformation.in.yaml by "npm run render:stack".\n${text}`
  if (Buffer.byteLength(rendered) > bytesMax)
    throw new RangeError(`The template is larger than the ${bytesMax} bytes CloudFormation takes.`)
  return rendered
}

/**
 * The user-data cut where parameters go. Joined, not substituted: the installer is full of `${…}`, nested ones too, and
 * a rule for escaping those is not documented.
 */
function userData(): unknown[] {
  const x64 = 'a'.repeat(64)
  const arm64 = 'b'.repeat(64)
  const marks = { store: 's3://store-of-the-stack', agentVersion: '0.0.0-of-the-stack', port: 65_535 }
  const text = renderUserData({ ...marks, sha256: { x64, arm64 } })
  const places: [mark: string, value: unknown][] = [
    [marks.store, sub('s3://${Bucket}/${Prefix}')],
    [marks.agentVersion, { Ref: 'AgentVersion' }],
    [String(marks.port), { Ref: 'AgentPort' }],
    pinned(text, x64, 'AgentSha256X64', 'HasX64'),
    pinned(text, arm64, 'AgentSha256Arm64', 'HasArm64'),
  ]
  return places.reduce<unknown[]>((parts, place) => parts.flatMap((part) => cut(part, place)), [text])
}

/** The whole line of a checksum, which is there only where the parameter is given. */
function pinned(text: string, sum: string, parameter: string, condition: string): [string, unknown] {
  const line = new RegExp(`^.*${sum}.*\n`, 'm').exec(text)?.[0]
  if (line === undefined) throw new RangeError(`The user-data has no line for ${parameter}.`)
  return [line, { 'Fn::If': [condition, sub(line.replace(sum, `\${${parameter}}`)), ''] }]
}

function cut(part: unknown, [mark, value]: [string, unknown]): unknown[] {
  if (typeof part !== 'string') return [part]
  return part
    .split(mark)
    .flatMap((piece, index) => (index === 0 ? [piece] : [value, piece]))
    .filter((piece) => piece !== '')
}

/** IAM reads `${aws:userid}`, which CloudFormation must leave alone; the keys of the store need their prefix, if there is one. */
function policy(role: Role): unknown {
  const keys = '${Keys}'
  const filled = fillPolicy(
    role,
    {
      partition: '${AWS::Partition}',
      region: '${AWS::Region}',
      account: '${AWS::AccountId}',
      service: '${Service}',
      bucket: '${Bucket}',
      keys,
      repository: '${Repository}',
    },
    (text) => text.replaceAll('${', '${!'),
  )
  const prefix = { Keys: { 'Fn::If': ['HasPrefix', sub('${Prefix}/'), ''] } }
  const substitute = (value: unknown): unknown => {
    if (typeof value === 'string' && value.includes(keys)) return { 'Fn::Sub': [value, prefix] }
    if (typeof value === 'string') return value.includes('${') ? sub(value) : value
    if (Array.isArray(value)) return value.map(substitute)
    return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, substitute(item)]))
  }
  return substitute(filled)
}

if (import.meta.main) writeFileSync(new URL('cloudformation.yaml', import.meta.url), renderStack())
