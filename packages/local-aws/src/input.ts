import { AwsError, type Input, type InputValue } from './wire/operation.ts'

/** A parameter's text, undefined where it was not sent. */
export function text(input: Input, name: string): string | undefined {
  const value = input[name]
  return typeof value === 'string' ? value : undefined
}

/** @throws {AwsError} ValidationError where it was not sent. */
export function need(input: Input, name: string): string {
  const value = text(input, name)
  if (value !== undefined && value !== '') return value
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value null at '${memberName(name)}' failed to satisfy constraint: Member must not be null`,
  )
}

/** A parameter as constraints of a model name it. */
export function memberName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** @throws {AwsError} ValidationError, worded as the constraints of a model are. */
export function checkLength(member: string, value: string, longest: number): void {
  if (value.length <= longest) return
  throw new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${longest}`,
  )
}

export function integer(input: Input, name: string): number | undefined {
  const value = text(input, name)
  if (value === undefined || value === '') return undefined
  if (/^-?\d{1,9}$/.test(value)) return Number(value)
  throw new AwsError('MalformedInput', `Invalid value for ${name}: "${value}" is not an integer`)
}

/** @throws {AwsError} ValidationError where it was not sent. */
export function needInteger(input: Input, name: string): number {
  return integer(input, name) ?? Number(need(input, name))
}

export function decimal(input: Input, name: string): number | undefined {
  const value = text(input, name)
  if (value === undefined || value === '') return undefined
  const number = Number(value)
  if (Number.isFinite(number)) return number
  throw new AwsError('MalformedInput', `Invalid value for ${name}: "${value}" is not a number`)
}

/** A time in milliseconds since the epoch. @throws {AwsError} ValidationError. */
export function moment(input: Input, name: string): number | undefined {
  const value = text(input, name)
  if (value === undefined || value === '') return undefined
  const at = Date.parse(value)
  if (Number.isFinite(at)) return at
  throw new AwsError('ValidationError', `timestamp ${value} of ${name} is not valid`)
}

export function flag(input: Input, name: string): boolean | undefined {
  const value = text(input, name)
  return value === undefined || value === '' ? undefined : value === 'true'
}

/** @throws {AwsError} ValidationError where it was not sent. */
export function needFlag(input: Input, name: string): boolean {
  return need(input, name) === 'true'
}

/** Texts of a list; a list sent empty (`InstanceIds=`) reads like one not sent. */
export function texts(input: Input, name: string): string[] {
  return values(input, name).filter((value) => typeof value === 'string')
}

/** Structures of a list. */
export function rows(input: Input, name: string): Input[] {
  return values(input, name).filter(isInput)
}

/** A structure; empty where it was not sent. */
export function structure(input: Input, name: string): Input {
  const value = input[name]
  return value !== undefined && isInput(value) ? value : {}
}

function values(input: Input, name: string): readonly InputValue[] {
  const value = input[name]
  return Array.isArray(value) ? value : []
}

function isInput(value: InputValue): value is Input {
  return typeof value === 'object' && !Array.isArray(value)
}
