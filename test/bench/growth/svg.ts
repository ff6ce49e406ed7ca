import type { CommandName, Row } from '../fleet/targets.ts'
import { curvesOf, measures, type Curve, type Measure } from './measures.ts'
import { linearTicks, xOf, yOf, type Box } from './scale.ts'

const columns = 2
const panel = { width: 440, height: 280 }
const margin = { top: 46, right: 84, bottom: 48, left: 62 }
const header = 64
const drawn = measures.filter(({ title }) => title !== 'until ended')
const size = {
  width: panel.width * columns,
  height: header + panel.height * Math.ceil(drawn.length / columns),
}

/** Colours that stay apart for people who see few of them, and on both grounds. */
const style = `
  svg { --ground: #ffffff; --ink: #1f2328; --dim: #59636e; --grid: #d8dee4; --limit: #cf222e;
    --deploy: #0969da; --rollback: #bc4c00; --finish: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --ink: #e6edf3; --dim: #9198a1; --grid: #30363d; --limit: #ff7b72;
      --deploy: #58a6ff; --rollback: #f0883e; --finish: #56d364; }
  }
  .ground { fill: var(--ground); }
  text { fill: var(--ink); font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; }
  .title { font-size: 15px; font-weight: 600; }
  .dim { fill: var(--dim); font-size: 12px; }
  .limit { fill: var(--limit); font-size: 12px; }
  .grid { stroke: var(--grid); }
  .axis { stroke: var(--dim); }
  .bound { stroke: var(--limit); stroke-dasharray: 5 4; }
  .curve { fill: none; stroke-width: 2; }
  .deploy { stroke: var(--deploy); } .rollback { stroke: var(--rollback); } .finish { stroke: var(--finish); }
  circle.deploy { fill: var(--deploy); } circle.rollback { fill: var(--rollback); } circle.finish { fill: var(--finish); }
  text.deploy { fill: var(--deploy); stroke: none; } text.rollback { fill: var(--rollback); stroke: none; }
  text.finish { fill: var(--finish); stroke: none; }`

/** One drawing that needs nothing beside itself: a panel a measure, a curve a command, over the number of instances. */
export function growthSvg(rows: readonly Row[]): string {
  const instances = [...new Set(rows.map((row) => row.instances))].toSorted((a, b) => a - b)
  const panels = drawn.map((measure, index) =>
    group(
      (index % columns) * panel.width,
      header + Math.floor(index / columns) * panel.height,
      panelOf(measure, curvesOf(measure, rows), instances),
    ),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-labelledby="growth">
<title id="growth">What deploy, rollback and finish take, by the number of instances</title>
<style>${style}
</style>
<rect class="ground" width="${size.width}" height="${size.height}"/>
${text(20, 28, 'What a command takes as the fleet grows', 'title')}
${text(20, 48, 'The number of instances is drawn by its logarithm. The floor is what AWS, the machines and the load balancer took by themselves.', 'dim')}
${panels.join('\n')}
</svg>
`
}

function panelOf(measure: Measure, curves: readonly Curve[], instances: readonly number[]): string {
  const { title, unit, limit } = measure
  const values = curves.flatMap(({ points }) => points.map(({ value }) => value))
  const ticks = linearTicks(Math.max(...values, limit?.most ?? 0))
  const box: Box = {
    left: margin.left,
    right: panel.width - margin.right,
    top: margin.top,
    bottom: panel.height - margin.bottom,
    fewest: instances[0] ?? 1,
    most: instances.at(-1) ?? 1,
    highest: ticks.at(-1) ?? 1,
  }
  const middle = (box.top + box.bottom) / 2
  const axis = unit === '' ? title : `${title}, ${unit}`
  return [
    text(box.left, box.top - 16, title, 'title'),
    ...ticks.map((tick) => {
      const y = yOf(box, tick)
      return line(box.left, y, box.right, y, 'grid') + text(box.left - 8, y + 4, String(tick), 'dim', 'end')
    }),
    line(box.left, box.bottom, box.right, box.bottom, 'axis'),
    ...instances.map((count) => {
      const x = xOf(box, count)
      return (
        line(x, box.bottom, x, box.bottom + 5, 'axis') +
        text(x, box.bottom + 19, String(count), 'dim', 'middle')
      )
    }),
    text((box.left + box.right) / 2, box.bottom + 38, 'instances', 'dim', 'middle'),
    `<text class="dim" text-anchor="middle" transform="translate(${box.left - 42} ${middle}) rotate(-90)">${axis}</text>`,
    ...(limit === undefined ? [] : [boundOf(box, limit)]),
    ...curves.map((curve) => curveOf(box, curve)),
    ...namesOf(box, curves),
  ].join('\n')
}

/** As far as it is asked of anybody. */
function boundOf(box: Box, { most, upTo }: NonNullable<Measure['limit']>): string {
  const y = yOf(box, most)
  const end = xOf(box, Math.min(upTo, box.most))
  return (
    line(box.left, y, end, y, 'bound') +
    text(box.left + 4, y - 6, `at most ${most}, up to ${upTo} instances`, 'limit')
  )
}

function curveOf(box: Box, { command, points }: Curve): string {
  const at = points.map(({ instances, value }) => ({
    x: round(xOf(box, instances)),
    y: round(yOf(box, value)),
  }))
  const path = `<polyline class="curve ${command}" points="${at.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`
  const dots = at.map(({ x, y }) => `<circle class="${command}" cx="${x}" cy="${y}" r="3.5"/>`)
  return [path, ...dots].join('')
}

const nameHeight = 15

/** Each curve's name at its end; where curves end close together, names make room for each other. */
function namesOf(box: Box, curves: readonly Curve[]): string[] {
  const ends = curves
    .map(({ command, points }): { command: CommandName; y: number } => ({
      command,
      y: yOf(box, points.at(-1)?.value ?? 0),
    }))
    .toSorted((a, b) => a.y - b.y)
  let lowest = Number.NEGATIVE_INFINITY
  return ends.map(({ command, y }) => {
    lowest = Math.max(y, lowest + nameHeight)
    return text(box.right + 9, lowest + 4, command, command)
  })
}

function group(x: number, y: number, content: string): string {
  return `<g transform="translate(${x} ${y})">\n${content}\n</g>`
}

function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line class="${name}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`
}

/** Words of this file and figures alone: nothing in them needs escaping. */
function text(x: number, y: number, words: string, name: string, anchor = 'start'): string {
  return `<text class="${name}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${words}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
