import { formatDuration } from '@switchover/contract/duration'
import { count } from '../../decide/words.ts'
import { barKinds, comeUpKinds, type Bar, type BarKind, type Lane, type Row, type Section } from '../model.ts'
import { spentOn, switchedAt, upAt } from '../parts.ts'
import { barWords } from '../words.ts'
import { html, type Html } from './html.ts'
import { tickWords } from '../ticks.ts'
import { axisOf, axisRow, axisStyle, chartWidth, x } from './scale.ts'

/** A larger fleet is drawn in blocks of thin lines. */
const roomyMost = 48
const blockRows = 40
/** A part of the axis that is worth a picture of its own. */
const closeUpShare = 0.4
/** From here on a line is two pixels, not four. */
const thinFrom = 150
/** Of one row, in the units of the picture; on the screen `style.ts` says. */
const rowHeight = 20

/** How much of a row a bar fills: kinds are told apart by height, too. */
const heights: Partial<Readonly<Record<BarKind, number>>> = { draining: 11, standby: 5, ending: 8, unseen: 2 }

/** One group: a line an instance, and the same as a table. */
export function laneChart(lane: Lane, section: Section, axisMs: number): Html {
  const { rows, group, side } = lane
  const title = `${side === 'new' ? 'New' : 'Old'} group ${group}`
  if (rows.length === 0)
    return html`<h4>${title}</h4>
      <p class="quiet">No instance of it was seen.</p>`
  return html`<h4>${title} <span class="quiet">${count(rows.length, 'instance')}</span></h4>
    ${bars(lane, section, axisMs)} ${laneTable(lane)}`
}

/** The coming up of the new group alone, where what follows would leave it too little room; else null. */
export function closeUp(lane: Lane, section: Section): Html | null {
  const until = upAt(section)
  if (lane.side !== 'new' || until === 0 || until > section.lengthMs * closeUpShare) return null
  const axisMs = axisOf(until)
  const shown = switchedAt(section.marks)
  return html`<h4>
      ${`Coming up, closer`} <span class="quiet">${`${lane.group}, the first ${tickWords(axisMs)}`}</span>
    </h4>
    <div class="${shown === null ? 'unswitched' : 'switched'}" style="${axisStyle(axisMs, shown)}">
      ${bars(lane, section, axisMs)}
    </div>`
}

function bars(lane: Lane, section: Section, axisMs: number): Html {
  const { rows, group } = lane
  const lines =
    rows.length <= roomyMost
      ? rows.map((row) => roomyRow(row, axisMs))
      : blocks(rows).map((block) => blockRow(block, axisMs, rows.length > thinFrom ? 2 : 4))
  return html`<div
    class="scroll"
    tabindex="0"
    role="group"
    aria-label="${`Chart of ${group}, ${tickWords(axisMs)} across`}"
  >
    <div class="chart" role="img" aria-label="${spoken(lane, section)}">${axisRow(axisMs)} ${lines}</div>
  </div>`
}

function spoken({ group, rows }: Lane, { name }: Section): string {
  const served = rows.filter(({ servedAt }) => servedAt !== null)
  const last = Math.max(0, ...served.map(({ servedAt }) => servedAt ?? 0))
  const came =
    served.length === 0
      ? 'none came into service'
      : `${served.length} came into service, the last after ${formatDuration(last)}`
  return `Bars of what each of ${count(rows.length, 'instance')} of ${group} did during ${name}; ${came}. The table below has the figures.`
}

function roomyRow(row: Row, axisMs: number): Html {
  return html`<div class="label" title="${labelOf(row)}"><code>${row.id}</code></div>
    <div class="track">
      <svg viewBox="0 0 ${chartWidth} ${rowHeight}" preserveAspectRatio="none">
        ${rowMarks(row, 0, axisMs, false)}
      </svg>
    </div>
    <div class="value">${row.servedAt === null ? '' : formatDuration(row.servedAt)}</div> `
}

function blockRow({ from, rows }: Block, axisMs: number, thickness: number): Html {
  const times = rows.flatMap(({ servedAt }) => servedAt ?? [])
  const value =
    times.length === 0
      ? ''
      : [Math.min(...times), Math.max(...times)]
          .map((ms) => formatDuration(ms))
          .filter((text, index, all) => text !== all[index - 1])
          .join('–')
  const height = rows.length * rowHeight
  const marks = rows.map((row, index) => rowMarks(row, index * rowHeight, axisMs, true))
  return html`<div class="label">${from + 1}–${from + rows.length}</div>
    <div class="track">
      <svg
        class="block"
        style="--rows:${rows.length};--row:${thickness}px"
        viewBox="0 0 ${chartWidth} ${height}"
        preserveAspectRatio="none"
      >
        ${marks}
      </svg>
    </div>
    <div class="value">${value}</div> `
}

type Block = Readonly<{ from: number; rows: readonly Row[] }>

function blocks(rows: readonly Row[]): Block[] {
  const result: Block[] = []
  for (let from = 0; from < rows.length; from += blockRows)
    result.push({ from, rows: rows.slice(from, from + blockRows) })
  return result
}

function rowMarks(row: Row, top: number, axisMs: number, dense: boolean): Html {
  return html`<g
    ><title>${`${labelOf(row)}: ${told(row)}`}</title
    >${row.bars.map((bar) => barMark(bar, top, axisMs, dense))}</g
  >`
}

function barMark({ kind, from, to }: Bar, top: number, axisMs: number, dense: boolean): Html | null {
  const [left, right] = [x(from, axisMs), x(to, axisMs)]
  if (from > axisMs || to < 0) return null
  const height = dense && (heights[kind] ?? 16) >= 11 ? rowHeight : (heights[kind] ?? 16)
  const y = top + (rowHeight - height) / 2
  return html`<path class="${kind}" d="M${left} ${y}h${Math.max(6, right - left)}v${height}H${left}z" />`
}

function labelOf({ id, zone }: Row): string {
  return zone === null ? id : `${id} in ${zone}`
}

/** `launch 12s, boot 20s, … in service from 1m10s` */
function told(row: Row): string {
  return row.bars
    .map(({ kind, from, to }) => `${barWords[kind].word} ${formatDuration(to - from)}`)
    .join(', ')
}

/** Only kinds that a section has. */
export function legendOf({ lanes }: Section): Html {
  const used = new Set(lanes.flatMap(({ rows }) => rows.flatMap(({ bars }) => bars.map(({ kind }) => kind))))
  const items = barKinds
    .filter((kind) => used.has(kind))
    .map((kind) => {
      const height = heights[kind] ?? 16
      const { word, meaning } = barWords[kind]
      return html`<li>
        <svg viewBox="0 0 28 20" aria-hidden="true">
          <path class="${kind}" d="M0 ${(rowHeight - height) / 2}h28v${height}H0z" />
        </svg>
        <b>${word}</b> ${meaning}
      </li>`
    })
  return html`<ul class="legend">
    ${items}
  </ul>`
}

function laneTable({ rows, group }: Lane): Html {
  const kinds = comeUpKinds
  const came = rows.some(
    ({ servedAt, bars }) => servedAt !== null || bars.some(({ kind }) => kind === 'launch'),
  )
  const head = came ? [...kinds.map((kind) => barWords[kind].word), 'first request'] : []
  const body = rows.map((row) => {
    const cells = came
      ? [
          ...kinds.map((kind) => seconds(spentOn(row, kind))),
          row.servedAt === null ? '–' : formatDuration(row.servedAt),
        ]
      : []
    return html`<tr>
      <th scope="row"><code>${row.id}</code></th>
      <td>${row.zone ?? '–'}</td>
      ${cells.map((cell) => html`<td class="num">${cell}</td>`)}
      <td>${endOf(row)}</td>
    </tr> `
  })
  return html`<details>
    <summary>${`${group} as a table`}</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="${`Table of ${group}`}">
      <table>
        <caption>
          ${`What each instance of ${group} spent its time on`}
        </caption>
        <thead>
          <tr>
            <th scope="col">instance</th>
            <th scope="col">zone</th>
            ${head.map((text) => html`<th scope="col" class="num">${text}</th>`)}
            <th scope="col">in the end</th>
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
  </details>`
}

function seconds(ms: number): string {
  return ms === 0 ? '–' : formatDuration(ms)
}

function endOf({ bars, note }: Row): string {
  const last = bars.at(-1)
  const word = last === undefined ? '–' : barWords[last.kind].word
  return note === null ? word : `${word}: ${note}`
}
