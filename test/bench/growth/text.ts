import { number, type Row } from '../fleet/targets.ts'
import { curvesOf, measures, perTenfold, type Curve, type Measure } from './measures.ts'

const barWidth = 9
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A block a measure, a line a command, a bar a fleet; '' where there is one fleet only. */
export function growthText(rows: readonly Row[]): string {
  const sizes = [...new Set(rows.map(({ instances }) => instances))].toSorted((a, b) => a - b)
  if (sizes.length < 2) return ''
  const blocks = measures.map((measure) => block(measure, curvesOf(measure, rows), sizes))
  return [
    'How cost grows with the fleet. The bars of a block have one scale; "×10" is what a fleet ten times as large multiplies it by.',
    ...blocks,
  ].join('\n\n')
}

function block({ title, unit }: Measure, curves: readonly Curve[], sizes: readonly number[]): string {
  const largest = Math.max(...curves.flatMap(({ points }) => points.map(({ value }) => value)))
  const lines = curves.map(({ command, points }) => {
    const cells = sizes.map((size) => {
      const value = points.find(({ instances }) => instances === size)?.value
      return value === undefined ? '–' : `${bar(value / largest)} ${number(value)}`
    })
    const growth = perTenfold(points)
    return [command, ...cells, growth === null ? '' : `×${growth.toFixed(1)}`]
  })
  const head = [unit === '' ? title : `${title}, ${unit}`, ...sizes.map(String), '×10']
  return aligned([head, ...lines])
}

/** @param share of the longest bar, from 0 to 1 */
function bar(share: number): string {
  const parts = Math.max(1, Math.round(share * barWidth * 8))
  return '█'.repeat(Math.floor(parts / 8)) + eighths[parts % 8]
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
