import type { Output, OutputValue } from './operation.ts'

/**
 * The fields of an answer as XML elements. Undefined fields are left out; an empty list is an empty element, for clients tell it from a missing one.
 * @param row name of a list's elements: `member`, EC2's `item`, or null for S3's flattened lists, which repeat the field's own name.
 */
export function encodeFields(fields: Output, row: string | null): string {
  return Object.entries(fields)
    .map(([name, value]) => encodeField(name, value, row))
    .join('')
}

function encodeField(name: string, value: OutputValue, row: string | null): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) {
    const rows = value as readonly OutputValue[]
    if (row === null) return rows.map((one) => encodeField(name, one, row)).join('')
    return element(name, rows.map((one) => encodeField(row, one, row)).join(''))
  }
  if (value instanceof Date) return element(name, value.toISOString())
  if (typeof value === 'object') return element(name, encodeFields(value as Output, row))
  return element(name, escapeText(String(value)))
}

export function element(name: string, content: string, attributes = ''): string {
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
}

/** Characters XML 1.0 cannot hold at all become U+FFFD. */
export function escapeText(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- these very characters are illegal in XML
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"\r]/g, (character) => entities[character] ?? character)
  )
}

export const xmlHeader = '<?xml version="1.0" encoding="UTF-8"?>\n'
