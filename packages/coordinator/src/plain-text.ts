import { stripVTControlCharacters } from 'node:util'

/** What AWS, agents and apps say, as one line that colours nothing and moves no cursor. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ')
}
