import { decimal, flag, integer, rows, structure, text, texts } from './input.ts'
import type { Input, Output } from './wire/operation.ts'

/** The types of a structure's fields, as far as a model keeps them only to tell them again. Whatever the protocol, all of them arrive as text. */
export type Shape = { readonly [field: string]: Kind }
type Kind =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'flag'
  | 'texts'
  | { readonly row: Shape }
  | { readonly of: Shape }

/** The fields of `input` that `shape` knows, typed; what was not sent is left out. @throws {AwsError} MalformedInput. */
export function readShape(input: Input, shape: Shape): Output {
  const fields = Object.entries(shape)
    .filter(([name]) => input[name] !== undefined)
    .map(([name, kind]) => [name, readField(input, name, kind)] as const)
  return Object.fromEntries(fields)
}

function readField(input: Input, name: string, kind: Kind) {
  if (typeof kind === 'object') {
    if ('row' in kind) return rows(input, name).map((row) => readShape(row, kind.row))
    return readShape(structure(input, name), kind.of)
  }
  return { text, integer, decimal, flag, texts }[kind](input, name)
}
