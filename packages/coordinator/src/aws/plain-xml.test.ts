import { XmlShapeDeserializer } from '@aws-sdk/core/protocols'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPlainXml } from './plain-xml.ts'

/** The SDK's own parser, which is what `readPlainXml` is held against. */
class Sdk extends XmlShapeDeserializer {
  parsed(xml: string): unknown {
    return this.parseXml(xml)
  }
}
const sdk = new Sdk({
  xmlNamespace: '',
  serviceNamespace: '',
  httpBindings: false,
  timestampFormat: { useTrait: true, default: 5 },
})

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,15}$/).filter((word) => !(word in {}))
const letters = fc.constantFrom(
  'a',
  'é',
  '€',
  '😀',
  ' ',
  '\n',
  '"',
  "'",
  '>',
  '/',
  '=',
  '&amp;',
  '&lt;',
  '&#65;',
  '&#xe9;',
  'i-0123456789abcdef0',
)
const text = fc.array(letters, { maxLength: 6 }).map((parts) => parts.join(''))
const value = fc
  .array(fc.constantFrom('http://a.com/', '&quot;', 'x', ' '), { maxLength: 3 })
  .map((parts) => parts.join(''))
const attributes = fc
  .array(fc.tuple(name, value), { maxLength: 2 })
  .map((pairs) => pairs.map(([key, word]) => ` ${key}="${word}"`).join(''))
const layout = fc.constantFrom('', '\n', '\n  ')

const { root } = fc.letrec<{ element: string; root: string }>((tie) => {
  const filled = (content: fc.Arbitrary<string>) =>
    fc.tuple(name, attributes, content).map(([tag, told, inside]) => `<${tag}${told}>${inside}</${tag}>`)
  const nested = fc
    .tuple(fc.array(fc.tuple(layout, tie('element')), { minLength: 1, maxLength: 4 }), layout)
    .map(([children, last]) => children.flat().join('') + last)
  const empty = fc
    .tuple(name, attributes, fc.constantFrom('', ' '))
    .map(([tag, told, gap]) => `<${tag}${told}${gap}/>`)
  return {
    element: fc.oneof({ maxDepth: 4 }, filled(text), empty, filled(nested)),
    root: filled(nested),
  }
})

test('reads what AWS may write as the SDK does', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', '<?xml version="1.0"?>', '<?xml version="1.0"?>\n'),
      root,
      (prolog, document) => {
        expect(readPlainXml(prolog + document)).toEqual(sdk.parsed(prolog + document))
      },
    ),
  )
})

test.each(['<a><b>&amp;amp;</b><b>&amp;</b></a>', '<a><b> </b><b>\n</b><b></b></a>'])(
  'reads %j as the SDK does',
  (xml) => {
    expect(readPlainXml(xml)).toEqual(sdk.parsed(xml))
  },
)

test.each([
  '',
  'no XML',
  '<a><b></a></b>',
  '<a><b>',
  '<a>text<b/></a>',
  '<a> <b/></a>',
  '<a><!-- a comment --><b/></a>',
  '<a><b><![CDATA[1 < 2]]></b></a>',
  '<!DOCTYPE a><a><b/></a>',
  '<a><b>\r\n</b></a>',
  '<a x="1>0"><b/></a>',
  '<a\n/>',
  '<a><b>&nbsp;</b></a>',
  '<a><__proto__>1</__proto__></a>',
  '<a><constructor>1</constructor></a>',
  '<a><b/></a><c/>',
])('leaves %j to the SDK', (xml) => {
  expect(readPlainXml(xml)).toBeNull()
})
