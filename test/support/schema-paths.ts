import { z } from 'zod'

/** Dotted paths of every field of a schema; `[]` for the items of a list, `.*` for the values of a map. */
export function pathsOf(schema: unknown, at = ''): string[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([key, field]) => {
      const path = at === '' ? key : `${at}.${key}`
      return [path, ...pathsOf(field, path)]
    })
  }
  if (schema instanceof z.ZodArray) return pathsOf(schema.element, `${at}[]`)
  if (schema instanceof z.ZodRecord) return pathsOf(schema.valueType, `${at}.*`)
  if (
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly
  )
    return pathsOf(schema.unwrap(), at)
  return []
}
