import { XmlShapeDeserializer } from '@aws-sdk/core/protocols'
import { readPlainXml } from './plain-xml.ts'

type Parser = { parseXml: (xml: string) => unknown }

/**
 * Has the SDK's clients read AWS's XML by `readPlainXml`, and what that does not know as before: their own parser makes a
 * string for every character, and most of what a large fleet leaves to the garbage collector.
 */
export function readXmlLean(): void {
  const parser = XmlShapeDeserializer.prototype as unknown as Parser
  const { parseXml } = parser
  parser.parseXml = function (xml) {
    return readPlainXml(xml) ?? parseXml.call(this, xml)
  }
}
