/** What a request tells the conditions of a policy: values by condition key. Keys are kept in lower case, for AWS compares them so. */
export type Context = ReadonlyMap<string, readonly string[]>

/** Entries without a value are left out: the key is then not in the request. */
export function contextOf(
  entries: Readonly<Record<string, string | readonly string[] | null | undefined>>,
): Context {
  const context = new Map<string, readonly string[]>()
  for (const [key, value] of Object.entries(entries)) {
    if (value === null || value === undefined) continue
    context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value)
  }
  return context
}

/** The only value of a key, null where it has none or several. */
export function single(context: Context, key: string): string | null {
  const values = context.get(key.toLowerCase())
  return values?.length === 1 ? (values[0] ?? null) : null
}
