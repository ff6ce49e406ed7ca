import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { plainText } from '../../plain-text.ts'

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'

/** A piece of a line in one style; a line has no control characters and no line breaks. */
export type Span = Readonly<{ text: string; style?: Style }>
export type Line = readonly Span[]

/** Signs beyond ASCII, or what stands for them where the terminal's locale has no others. */
export type Signs = Readonly<{ full: string; rest: string; dot: string; cut: string; none: string }>

export const unicodeSigns: Signs = { full: '█', rest: '░', dot: '·', cut: '…', none: '–' }
export const asciiSigns: Signs = { full: '#', rest: '.', dot: '-', cut: '~', none: '-' }

export function span(text: string, style?: Style): Span {
  const plain = plainText(text)
  return style === undefined ? { text: plain } : { text: plain, style }
}

export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + stringWidth(text), 0)
}

/** The line as far as it goes into `width` columns. */
export function fit(line: Line, width: number, { cut }: Signs): Line {
  const fitted: Span[] = []
  let left = width
  for (const one of line) {
    const wide = stringWidth(one.text)
    if (wide > left) {
      if (left > 0) fitted.push({ ...one, text: cliTruncate(one.text, left, { truncationCharacter: cut }) })
      return fitted
    }
    fitted.push(one)
    left -= wide
  }
  return fitted
}

/** `left` and `right` at the two ends of one line, or one under the other where they do not go into it. */
export function apart(left: Line, right: Line, width: number, signs: Signs): Line[] {
  const gap = width - widthOf(left) - widthOf(right)
  if (right.length === 0) return [fit(left, width, signs)]
  return gap >= 2
    ? [[...left, span(' '.repeat(gap)), ...right]]
    : [fit(left, width, signs), fit(right, width, signs)]
}

/** A sentence on at most `most` lines, each as far in as its beginning; what does not go on them is cut off. */
export function paragraph(one: Span, width: number, most: number, signs: Signs): Line[] {
  const { text } = span(one.text)
  const inner = text.trimStart()
  const indent = text.slice(0, text.length - inner.length)
  const lines = wrapAnsi(inner, Math.max(1, width - indent.length), { hard: true }).split('\n')
  const shown = lines.slice(0, most)
  const last = shown.length - 1
  return shown.map((line, index) => {
    const words = index === last ? lines.slice(last).join(' ') : line
    return fit([{ ...one, text: indent + words }], width, signs)
  })
}

/** Rows with their cells one under the other, two blanks apart; the last cell is cut to `width`. */
export function table(rows: readonly (readonly Line[])[], width: number, signs: Signs): Line[] {
  const widths: number[] = []
  for (const cells of rows)
    for (const [index, cell] of cells.slice(0, -1).entries())
      widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))
  return rows.map((cells) => {
    const filled = cells.slice(0, cells.findLastIndex((cell) => cell.length > 0) + 1)
    const line = filled.flatMap((cell, index): Line => {
      const pad = (widths[index] ?? 0) - widthOf(cell) + 2
      return index === filled.length - 1 ? cell : [...cell, span(' '.repeat(pad))]
    })
    return fit(line, width, signs)
  })
}
