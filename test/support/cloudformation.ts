import { readFileSync } from 'node:fs'
import { parse, type CollectionTag, type ScalarTag, type YAMLSeq } from 'yaml'

export const templateFile = new URL('../../bootstrap/cloudformation.yaml', import.meta.url)

export type Resource = {
  Type: string
  Condition?: string
  Properties: Record<string, unknown>
  [attribute: string]: unknown
}

export type Template = {
  Parameters: Record<
    string,
    { Type: string; Default?: string | number; AllowedPattern?: string; AllowedValues?: string[] }
  >
  Rules: Record<string, { Assertions: { Assert: unknown; AssertDescription: string }[] }>
  Conditions: Record<string, unknown>
  Resources: Record<string, Resource>
  Outputs: Record<string, { Value: unknown }>
}

const long = (name: string) => (name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`)

const scalarTag = (name: string): ScalarTag => ({
  tag: `!${name}`,
  resolve: (text) => ({ [long(name)]: name === 'GetAtt' ? text.split('.') : text }),
})

const sequenceTag = (name: string): CollectionTag => ({
  tag: `!${name}`,
  collection: 'seq',
  resolve: (sequence) => ({ [long(name)]: (sequence as YAMLSeq).toJSON() as unknown }),
})

/** The template as it is in the repository, with the short forms of functions written out. */
export function readTemplate(): Template {
  return parse(readFileSync(templateFile, 'utf8'), {
    customTags: [
      ...['Ref', 'Sub', 'GetAtt', 'Condition'].map(scalarTag),
      ...['Sub', 'If', 'Equals', 'Not', 'And', 'Or', 'Split'].map(sequenceTag),
    ],
  }) as Template
}

type Parameters = Readonly<Record<string, string>>

const pseudo: Parameters = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
}
const nothing = Symbol('AWS::NoValue')

/**
 * The template as CloudFormation would carry it out with these parameters: resources and properties without those
 * whose condition is false. A reference to a resource becomes `<Name>`, an attribute of one `<Name.Attribute>`.
 * @throws {Error} where the template uses what is not there
 */
export function evaluate(template: Template, given: Parameters): Record<string, Resource> {
  const unknown = Object.keys(given).filter((name) => !(name in template.Parameters))
  if (unknown.length > 0) throw new Error(`The template has no parameter ${unknown.join(', ')}.`)
  const defaults = Object.entries(template.Parameters).flatMap(([name, { Default }]) =>
    Default === undefined ? [] : [[name, String(Default)]],
  )
  const parameters: Parameters = { ...Object.fromEntries(defaults), ...pseudo, ...given }

  const lookUp = (name: string): unknown => {
    if (name === 'AWS::NoValue') return nothing
    if (name in parameters) return parameters[name]
    if (template.Resources[name.split('.')[0] ?? '']) return `<${name}>`
    throw new Error(`Nothing is called ${name}.`)
  }
  const holds = (name: string): boolean => {
    if (!(name in template.Conditions)) throw new Error(`There is no condition ${name}.`)
    return value(template.Conditions[name]) as boolean
  }
  const substitute = (text: string, variables: Record<string, unknown>): string =>
    text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) =>
      literal === '!' ? `\${${name}}` : String(name in variables ? value(variables[name]) : lookUp(name)),
    )
  const functions: Record<string, (argument: never) => unknown> = {
    Ref: (name: string) => lookUp(name),
    Condition: (name: string) => holds(name),
    'Fn::GetAtt': (path: string[]) => lookUp(path.join('.')),
    'Fn::Sub': (argument: string | [string, Record<string, unknown>]) =>
      typeof argument === 'string' ? substitute(argument, {}) : substitute(...argument),
    'Fn::If': ([name, yes, no]: [string, unknown, unknown]) => value(holds(name) ? yes : no),
    'Fn::Join': ([separator, parts]: [string, unknown[]]) => parts.map(value).join(separator),
    'Fn::Split': ([separator, text]: [string, unknown]) => String(value(text)).split(separator),
    'Fn::Base64': (text: unknown) => Buffer.from(String(value(text))).toString('base64'),
    'Fn::Equals': ([a, b]: [unknown, unknown]) => value(a) === value(b),
    'Fn::Not': ([a]: [unknown]) => value(a) !== true,
    'Fn::And': (all: unknown[]) => all.every((one) => value(one) === true),
    'Fn::Or': (all: unknown[]) => all.some((one) => value(one) === true),
  }
  const value = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(value).filter((item) => item !== nothing)
    if (typeof node !== 'object' || node === null) return node
    const entries = Object.entries(node)
    const [first] = entries
    const call = entries.length === 1 && first ? functions[first[0]] : undefined
    if (call && first) return call(first[1] as never)
    return Object.fromEntries(
      entries.map(([key, item]) => [key, value(item)]).filter(([, item]) => item !== nothing),
    )
  }

  for (const [name, { Assertions }] of Object.entries(template.Rules))
    for (const { Assert } of Assertions)
      if (value(Assert) !== true) throw new Error(`Rule ${name} is broken.`)
  return Object.fromEntries(
    Object.entries(template.Resources)
      .filter(([, { Condition }]) => Condition === undefined || holds(Condition))
      .map(([name, resource]) => [name, { ...resource, Properties: value(resource.Properties) } as Resource]),
  )
}
