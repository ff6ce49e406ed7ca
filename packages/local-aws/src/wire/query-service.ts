import type { Cloud } from '../cloud.ts'
import { emptyBody, type WireResponse } from './message.ts'
import { authorize } from './authorize.ts'
import { AwsError, type Caller, type Operation, type Output } from './operation.ts'
import type { Permissions } from '../iam/permissions/permission.ts'
import { parseQuery } from './query-input.ts'
import { element, encodeFields, escapeText, xmlHeader } from './xml.ts'

/** One API spoken in the AWS query protocol or in EC2's variant of it. */
export type QueryService = Readonly<{
  version: string
  xmlns: string
  shape: 'query' | 'ec2'
  operations: ReadonlyMap<string, Operation>
  permissions: Permissions
  /** Operations whose answer holds no Result element, for they have no output at all. */
  withoutOutput: ReadonlySet<string>
}>

export async function answerQuery(
  cloud: Cloud,
  services: readonly QueryService[],
  request: { body: string; caller: Caller; origin: string; requestId: string },
): Promise<WireResponse> {
  const { action, version, input } = parseQuery(request.body)
  const service = services.find((one) => one.version === version) ?? services[0]
  const operation = service?.version === version ? service.operations.get(action) : undefined
  if (!service || !operation) throw invalidAction(service, action, version)
  authorize(cloud, service.permissions, action, input, request.caller)
  if (service.shape === 'ec2' && input['DryRun'] === 'true') throw dryRun()
  const output = await operation(cloud, input, request.caller, request.origin)
  const encode = service.shape === 'ec2' ? ec2Result : queryResult
  return xml(200, encode(service, action, output, request.requestId))
}

/** Every operation of EC2 can be asked only whether the caller may (EC2 API reference, common query parameters). */
function dryRun(): AwsError {
  return new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412)
}

function invalidAction(service: QueryService | undefined, action: string, version: string): AwsError {
  if (action === '') return new AwsError('MissingAction', 'The request must contain the parameter Action')
  if (service?.shape === 'ec2')
    return new AwsError('InvalidAction', `The action '${action}' is not valid for this web service.`)
  return new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`)
}

function queryResult(service: QueryService, action: string, output: Output, requestId: string): string {
  const result = service.withoutOutput.has(action)
    ? ''
    : element(`${action}Result`, encodeFields(output, 'member'))
  const metadata = element('ResponseMetadata', element('RequestId', requestId))
  return element(`${action}Response`, result + metadata, ` xmlns="${service.xmlns}"`)
}

function ec2Result(service: QueryService, action: string, output: Output, requestId: string): string {
  const fields = element('requestId', requestId) + encodeFields(output, 'item')
  return element(`${action}Response`, fields, ` xmlns="${service.xmlns}"`)
}

/** An error as the service's clients read it. */
export function queryError(
  service: Pick<QueryService, 'shape' | 'xmlns'>,
  error: AwsError,
  requestId: string,
): WireResponse {
  const code = element('Code', escapeText(error.code)) + element('Message', escapeText(error.message))
  if (service.shape === 'ec2') {
    const body = element('Errors', element('Error', code)) + element('RequestID', requestId)
    return xml(error.status, xmlHeader + element('Response', body))
  }
  const type = element('Type', error.status < 500 ? 'Sender' : 'Receiver')
  const body = element('Error', type + code) + element('RequestId', requestId)
  return xml(error.status, element('ErrorResponse', body, ` xmlns="${service.xmlns}"`))
}

function xml(status: number, text: string): WireResponse {
  const body = text === '' ? emptyBody : Buffer.from(text)
  return { status, headers: { 'content-type': 'text/xml' }, body }
}
