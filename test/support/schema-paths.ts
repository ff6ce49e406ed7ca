/** What is read of a zod schema here. */
type Schema = {
  def: { type: string; element?: Schema; valueType?: Schema; innerType?: Schema }
  shape?: Record<string, Schema>
}

/** Dotted paths of every field of a zod schema; `[]` for the items of a list. A map's values go by the map's own path. */
export function pathsOf(schema: unknown, at = ''): string[] {
  const { def, shape } = schema as Schema
  if (shape !== undefined)
    return Object.entries(shape).flatMap(([key, field]) => {
      const path = at === '' ? key : `${at}.${key}`
      return [path, ...pathsOf(field, path)]
    })
  if (def.type === 'array') return pathsOf(def.element, `${at}[]`)
  if (def.type === 'record') return pathsOf(def.valueType, `${at}.*`)
  return def.innerType === undefined ? [] : pathsOf(def.innerType, at)
}
