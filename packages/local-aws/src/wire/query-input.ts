import { AwsError, type Input, type InputValue } from './operation.ts'

type Node = { text: string | null; readonly children: Map<string, Node> }

/** No request of the services here nests deeper; it bounds what a hostile name can build. */
const depthMax = 12

/**
 * The parameters of a query-protocol body, nested by their dotted names. Lists are written `Name.member.N` by most services and `Name.N` by EC2;
 * both end as arrays in the order of N. `+` and `%20` are both a space.
 * @returns everything but Action and Version, which are given apart.
 * @throws {AwsError} MalformedQueryString.
 */
export function parseQuery(body: string): { action: string; version: string; input: Input } {
  const root: Node = { text: null, children: new Map() }
  for (const [name, value] of new URLSearchParams(body)) insert(root, name, value)
  const action = root.children.get('Action')?.text ?? ''
  const version = root.children.get('Version')?.text ?? ''
  root.children.delete('Action')
  root.children.delete('Version')
  return { action, version, input: structure(root) }
}

function insert(root: Node, name: string, value: string): void {
  const parts = name.split('.')
  if (parts.length > depthMax)
    throw new AwsError('MalformedQueryString', `The parameter ${name} nests too deeply.`)
  let node = root
  for (const part of parts) {
    const child = node.children.get(part) ?? { text: null, children: new Map() }
    node.children.set(part, child)
    node = child
  }
  node.text = value
}

function valueOf(node: Node): InputValue {
  if (node.children.size === 0) return node.text ?? ''
  const member = node.children.get('member')
  if (member && node.children.size === 1) return isList(member) ? list(member) : [valueOf(member)]
  return isList(node) ? list(node) : structure(node)
}

function isList(node: Node): boolean {
  return node.children.size > 0 && [...node.children.keys()].every((name) => /^[1-9]\d*$/.test(name))
}

function list(node: Node): InputValue[] {
  return [...node.children].toSorted(([a], [b]) => Number(a) - Number(b)).map(([, child]) => valueOf(child))
}

/** Names come from the client, so the record has no prototype they could reach. */
function structure(node: Node): Input {
  const fields = Object.create(null) as { [name: string]: InputValue }
  for (const [name, child] of node.children) fields[name] = valueOf(child)
  return fields
}
