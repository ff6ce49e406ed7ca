import { text } from '../../input.ts'
import { AwsError, type Input } from '../../wire/operation.ts'

/** @throws {AwsError} MissingParameter, as EC2 words it. */
export function required(input: Input, name: string): string {
  const value = text(input, name)
  if (value) return value
  throw new AwsError('MissingParameter', `The request must contain the parameter ${name}`)
}
