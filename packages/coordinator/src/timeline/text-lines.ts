import wrapAnsi from 'wrap-ansi'
import { plainText } from '../plain-text.ts'

/** A sentence over as many lines as it takes; those after the first begin with `indent`. */
export function wrapped(told: string, columns: number, indent: string): string[] {
  const text = plainText(told)
  const lead = /^ */.exec(text)?.[0] ?? ''
  const [first = '', ...rest] = wrapAnsi(text.trim(), Math.max(1, columns - lead.length)).split('\n')
  if (rest.length === 0) return [lead + first]
  const others = wrapAnsi(rest.join(' '), Math.max(1, columns - indent.length)).split('\n')
  return [lead + first, ...others.map((line) => indent + line)]
}

/** Two blanks in, what follows four. */
export function bullet(text: string, columns: number): string[] {
  return wrapped(`  ${text}`, columns, '    ')
}
