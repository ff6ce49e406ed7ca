import { ticksOf, tickWords } from '../ticks.ts'
import { html, type Html } from './html.ts'

/** Lengths an axis may have, in seconds: few, so that a prediction and what came of it mostly share one. */
const lengths = [
  5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 360, 480, 600, 720, 900, 1_200, 1_800, 2_700, 3_600,
  5_400, 7_200,
]

/** Milliseconds of the axis that `lengthMs` is drawn on. */
export function axisOf(lengthMs: number): number {
  const fits = lengths.find((seconds) => seconds * 1_000 >= lengthMs)
  return fits === undefined ? Math.ceil(lengthMs / 3_600_000) * 3_600_000 : fits * 1_000
}

/** Across a chart, whatever its width on the screen. */
export const chartWidth = 10_000

export function x(at: number, axisMs: number): number {
  return Math.round((Math.min(axisMs, Math.max(0, at)) / axisMs) * chartWidth)
}

export function percent(at: number, axisMs: number): string {
  return `${(Math.min(1, Math.max(0, at / axisMs)) * 100).toFixed(2)}%`
}

/** The first line of a chart: moments, and the switch where there was one. */
export function axisRow(axisMs: number): Html {
  const ticks = ticksOf(axisMs, 8).filter((at) => at < axisMs * 0.97)
  return html`<div class="label"></div>
    <div class="axis">
      ${ticks.map((at) => html`<span style="left:${percent(at, axisMs)}">${tickWords(at)}</span>`)}
    </div>
    <div class="value"></div>`
}

/** What every chart of a section shares, as custom properties: where grid lines and the switch are. */
export function axisStyle(axisMs: number, switchedAt: number | null): string {
  const step = ticksOf(axisMs, 8)[1] ?? axisMs
  const switched = switchedAt === null ? '' : `;--switch:${percent(switchedAt, axisMs)}`
  return `--step:${percent(step, axisMs)}${switched}`
}
