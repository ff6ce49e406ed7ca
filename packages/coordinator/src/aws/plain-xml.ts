type Value = string | Element | Value[]
type Element = { [name: string]: Value }
type Named = Readonly<{ name: string; value: Value }>

/** `text`: what the last element of this name held, which the next one holds mostly, too. */
type Tag = { readonly name: string; text: string }

/** Comments, CDATA, document types, and names that the SDK's parser has rules of its own for. */
const rare = /<!|\r|__proto__|#text/
const noName = /[\s"'=/?]|^$/
const entity = /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-zA-Z][a-zA-Z0-9]{0,30}));/g
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const attribute = / +([^\s=/]+)=(?:"([^"]*)"|'([^']*)')/y
/** A slice of fewer characters is a string of its own; a longer one keeps the whole reply in memory. */
const sliceLength = 13

class Unusual extends Error {}

function unusual(): never {
  throw new Unusual()
}

/**
 * What the root of a reply holds that is as plain as AWS writes them: elements with either text or elements in them. Strings that repeat
 * are the same ones, and none keeps the reply in memory.
 * @returns null for any other text, right or wrong
 */
export function readPlainXml(xml: string): Element | null {
  if (rare.test(xml)) return null
  try {
    const { value } = new Reader(xml).root()
    return typeof value === 'string' || Array.isArray(value) ? null : value
  } catch (error) {
    if (error instanceof Unusual) return null
    throw error
  }
}

class Reader {
  readonly #xml: string
  #at = 0
  readonly #tags = new Map<string, Tag>()

  constructor(xml: string) {
    this.#xml = xml
  }

  root(): Named {
    if (this.#xml.startsWith('<?')) this.#to('?>')
    if (this.#to('<').trim() !== '') unusual()
    const root = this.#element()
    if (this.#xml.slice(this.#at).trim() !== '') unusual()
    return root
  }

  /** Up to the next `mark`, which is passed over. */
  #to(mark: string): string {
    const end = this.#xml.indexOf(mark, this.#at)
    if (end < 0) unusual()
    const text = this.#xml.slice(this.#at, end)
    this.#at = end + mark.length
    return text
  }

  /** From behind its first `<` to behind its end. */
  #element(): Named {
    const opening = this.#to('>')
    const isEmpty = opening.endsWith('/')
    const space = opening.indexOf(' ')
    const tag = this.#tag(opening.slice(0, space >= 0 ? space : isEmpty ? -1 : undefined))
    const { name } = tag
    const attributes = space < 0 ? null : attributesOf(isEmpty ? opening.slice(0, -1) : opening, space)
    if (isEmpty) return { name, value: attributes ?? '' }
    let inside: Element | null = null
    for (;;) {
      const text = this.#to('<')
      if (this.#xml[this.#at] === '/') {
        if (this.#to('>').slice(1) !== name) unusual()
        if (inside === null) return { name, value: textOf(tag, text) || (attributes ?? '') }
        if (!isLayout(text)) unusual()
        return { name, value: Object.assign(inside, attributes) }
      }
      if (!isLayout(text)) unusual()
      put((inside ??= {}), this.#element())
    }
  }

  #tag(name: string): Tag {
    const known = this.#tags.get(name)
    if (known) return known
    if (noName.test(name) || name in Object.prototype) unusual()
    const tag = { name, text: '' }
    this.#tags.set(name, tag)
    return tag
  }
}

function put(element: Element, { name, value }: Named): void {
  const before = element[name]
  if (before === undefined) element[name] = value
  else if (Array.isArray(before)) before.push(value)
  else element[name] = [before, value]
}

/** What is between elements. */
function isLayout(text: string): boolean {
  return text === '' || (text.trim() === '' && text.includes('\n'))
}

function textOf(tag: Tag, text: string): string {
  const found = decoded(text)
  if (found === tag.text) return tag.text
  if (isLayout(found)) return ''
  tag.text = found.length < sliceLength ? found : Buffer.from(found).toString()
  return tag.text
}

function decoded(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(entity, (_, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? unusual()
    return String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
  })
}

/** Null where there are none. */
function attributesOf(opening: string, from: number): Element | null {
  const found: [string, string][] = []
  attribute.lastIndex = from
  for (let match = attribute.exec(opening); match; match = attribute.exec(opening)) {
    const [, name = '', double, single = ''] = match
    found.push([name, decoded(double ?? single)])
    from = attribute.lastIndex
  }
  if (opening.slice(from).trim() !== '') unusual()
  return found.length === 0 ? null : Object.fromEntries(found)
}
