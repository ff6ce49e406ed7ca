import type { Cloud } from '../cloud.ts'
import type { Permissions } from '../iam/permissions/permission.ts'
import { authorize } from './authorize.ts'
import type { WireResponse } from './message.ts'
import {
  AwsError,
  type Caller,
  type Input,
  type InputValue,
  type Operation,
  type Output,
  type OutputValue,
} from './operation.ts'

/** One API spoken in AWS JSON. */
export type JsonService = Readonly<{
  version: '1.0' | '1.1'
  /** It used to speak the query protocol: errors also tell the code clients knew from there. */
  queryCompatible?: boolean
  /** What goes before the operation in `x-amz-target`. */
  target: string
  operations: ReadonlyMap<string, Operation>
  permissions: Permissions
}>

export async function answerJson(
  cloud: Cloud,
  service: JsonService,
  request: { target: string; body: string; caller: Caller; origin: string },
): Promise<WireResponse> {
  const [target, name = ''] = request.target.split('.')
  const operation = target === service.target ? service.operations.get(name) : undefined
  if (!operation) throw new AwsError('UnknownOperationException', '')
  const input = parseInput(request.body)
  authorize(cloud, service.permissions, name, input, request.caller)
  const output = await operation(cloud, input, request.caller, request.origin)
  return json(service, 200, toJson(output))
}

/** Numbers and booleans are given as text, so that operations read every protocol alike. @throws {AwsError} SerializationException. */
export function parseInput(body: string): Input {
  let parsed: unknown
  try {
    parsed = JSON.parse(body === '' ? '{}' : body)
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.')
  }
  const input = toInput(parsed)
  if (input === undefined || typeof input === 'string' || Array.isArray(input))
    throw new AwsError('SerializationException', 'Start of structure or map found where not expected.')
  return input as Input
}

function toInput(value: unknown): InputValue | undefined {
  if (value === null || value === undefined) return undefined
  if (Array.isArray(value)) return value.map(toInput).filter((one) => one !== undefined)
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'object') return undefined
  const fields = Object.create(null) as { [name: string]: InputValue }
  for (const [name, field] of Object.entries(value)) {
    const input = toInput(field)
    if (input !== undefined) fields[name] = input
  }
  return fields
}

/** Timestamps are seconds since the epoch in this protocol. */
function toJson(value: OutputValue): unknown {
  if (value instanceof Date) return value.getTime() / 1_000
  if (Array.isArray(value)) return (value as readonly OutputValue[]).map(toJson)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value as Output).map(([name, field]) => [name, toJson(field)]))
}

export function jsonError(service: JsonService, error: AwsError): WireResponse {
  const response = json(service, error.status, { __type: error.code, message: error.message })
  if (!service.queryCompatible) return response
  const fault = error.status < 500 ? 'Sender' : 'Receiver'
  return { ...response, headers: { ...response.headers, 'x-amzn-query-error': `${error.code};${fault}` } }
}

function json({ version }: JsonService, status: number, value: unknown): WireResponse {
  return {
    status,
    headers: { 'content-type': `application/x-amz-json-${version}` },
    body: Buffer.from(JSON.stringify(value)),
  }
}
