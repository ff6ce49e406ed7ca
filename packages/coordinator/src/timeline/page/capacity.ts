import { formatDuration } from '@switchover/contract/duration'
import { leastOf } from '../least.ts'
import type { Capacity, Section } from '../model.ts'
import { html, type Html } from './html.ts'
import { axisRow, chartWidth, percent, x } from './scale.ts'

const height = 1_000
/** Rows of the table; more are thinned out, first and last kept. */
const tableMost = 60

/** Instances that take requests, both groups on top of each other, and what the service needs as a line. */
export function capacityChart(section: Section, axisMs: number): Html {
  const { capacity, lanes } = section
  const seen = capacity.filter((one) => one.old !== null)
  if (seen.length === 0) return html`<p class="quiet">No run left what it saw of capacity.</p>`
  const top = Math.max(
    1,
    ...capacity.map(({ old, new: fresh, required }) => Math.max((old ?? 0) + (fresh ?? 0), required ?? 0)),
  )
  const y = (count: number) => Math.round(height - (count / top) * height)
  const group = (side: 'old' | 'new') => lanes.find((lane) => lane.side === side)?.group ?? side
  const requirement = capacity.findLast(({ required }) => required !== null)?.required ?? null
  return html`<ul class="legend">
      <li><i class="swatch new"></i> <b>${group('new')}</b> new version</li>
      <li><i class="swatch old"></i> <b>${group('old')}</b> old version</li>
      <li><i class="swatch line"></i> <b>required</b> healthy instances</li>
    </ul>
    <div class="scroll" tabindex="0" role="group" aria-label="Chart of healthy capacity">
      <div class="chart" role="img" aria-label="${spoken(section)}">
        ${axisRow(axisMs)}
        <div class="label tall">
          <span style="top:0">${top}</span
          >${requirement === null || requirement === top || requirement === 0 ? null : html`<span style="top:${percent(top - requirement, top)}">${requirement}</span>`}<span
            style="top:100%"
            >0</span
          >
        </div>
        <div class="track tall">
          <svg viewBox="0 0 ${chartWidth} ${height}" preserveAspectRatio="none">
            <path
              class="area-old"
              d="${areas(
                capacity,
                axisMs,
                y,
                () => 0,
                ({ old }) => old ?? 0,
              )}"
            />
            <path
              class="area-new"
              d="${areas(
                capacity,
                axisMs,
                y,
                ({ old }) => old ?? 0,
                ({ old, new: fresh }) => (old ?? 0) + (fresh ?? 0),
              )}"
            />
            <path class="required" d="${line(capacity, axisMs, y)}" />
          </svg>
        </div>
        <div class="value"></div>
      </div>
    </div>
    ${capacityTable(section)}`
}

type Level = (one: Capacity) => number

/** Steps from `base` up to `level`, with a hole wherever nobody looked. */
function areas(
  capacity: readonly Capacity[],
  axisMs: number,
  y: (count: number) => number,
  base: Level,
  level: Level,
): string {
  return capacity
    .slice(0, -1)
    .map((one, index) => {
      const [from, to] = [x(one.at, axisMs), x(capacity[index + 1]?.at ?? one.at, axisMs)]
      const [low, high] = [y(base(one)), y(level(one))]
      return one.old === null || to <= from || low === high ? '' : `M${from} ${high}H${to}V${low}H${from}z`
    })
    .join('')
}

function line(capacity: readonly Capacity[], axisMs: number, y: (count: number) => number): string {
  let path = ''
  for (const { at, required } of capacity) {
    if (required === null) continue
    path += path === '' ? `M${x(at, axisMs)} ${y(required)}` : `H${x(at, axisMs)}V${y(required)}`
  }
  return path
}

function spoken(section: Section): string {
  const least = leastOf(section)
  if (least === null) return 'Healthy capacity is not known.'
  return `Healthy instances of both groups over time: ${least.healthy} at the fewest, ${least.required ?? 'an unknown number'} required. The table below has the figures.`
}

function capacityTable({ capacity }: Section): Html {
  const every = Math.ceil(capacity.length / tableMost)
  const rows = capacity.filter((_, index) => index % every === 0 || index === capacity.length - 1)
  const thinned = every === 1 ? '' : `, one change of ${every}`
  return html`<details>
    <summary>Capacity as a table</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="Table of healthy capacity">
      <table>
        <caption>
          ${`Healthy instances, as they changed${thinned}`}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="num">after</th>
            <th scope="col" class="num">new</th>
            <th scope="col" class="num">old</th>
            <th scope="col" class="num">required</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (one) =>
              html`<tr>
                <th scope="row" class="num">${formatDuration(one.at)}</th>
                <td class="num">${cell(one.new)}</td>
                <td class="num">${cell(one.old)}</td>
                <td class="num">${one.required === null ? '–' : one.required}</td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </details>`
}

function cell(value: number | null): string {
  return value === null ? 'not seen' : String(value)
}
