import { rows, text, texts } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'

/** What a filter compares with: the values a thing has under a filter's name, or null for an unknown filter. */
export type Attributes<T> = (thing: T, filter: string) => readonly string[] | null

/**
 * Things that pass every filter of a Describe call; the values of one filter are alternatives, with `*` and `?` as wildcards.
 * @throws {AwsError} InvalidParameterValue for a filter that is not known.
 */
export function filtered<T>(input: Input, things: readonly T[], attributes: Attributes<T>): T[] {
  const filters = rows(input, 'Filter').map((row) => ({
    name: text(row, 'Name') ?? '',
    patterns: texts(row, 'Value').map(pattern),
  }))
  return things.filter((thing) =>
    filters.every(({ name, patterns }) => {
      const values = attributes(thing, name)
      if (values === null) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`)
      return values.some((value) => patterns.some((one) => one.test(value)))
    }),
  )
}

function pattern(value: string): RegExp {
  const escaped = value.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`)
}

/** Values of `tag:KEY` and `tag-key` filters, undefined for other filters. */
export function tagAttribute(
  tags: Readonly<Record<string, string>>,
  filter: string,
): readonly string[] | undefined {
  if (filter === 'tag-key') return Object.keys(tags)
  if (!filter.startsWith('tag:')) return undefined
  const value = tags[filter.slice('tag:'.length)]
  return value === undefined ? [] : [value]
}
