import { formatDuration } from '@switchover/contract/duration'
import type { Section } from '../model.ts'
import { html, type Html } from './html.ts'
import { axisRow, chartWidth, x } from './scale.ts'

/** Where the time went: one thing after the other, as steps down. */
export function partsChart({ parts, lengthMs, name }: Section, axisMs: number): Html | null {
  if (parts.length === 0) return null
  const longest = parts.toSorted((a, b) => b.to - b.from - (a.to - a.from))[0]
  const rows = parts.map((part) => {
    const left = x(part.from, axisMs)
    const width = Math.max(12, x(part.to, axisMs) - left)
    return html`<div class="label words">${part.what}</div>
      <div class="track">
        <svg viewBox="0 0 ${chartWidth} 20" preserveAspectRatio="none">
          <path class="${part === longest ? 'part longest' : 'part'}" d="M${left} 3h${width}v14H${left}z" />
        </svg>
      </div>
      <div class="value">${formatDuration(part.to - part.from)}</div> `
  })
  const table = parts.map(
    ({ what, from, to }) =>
      html`<tr>
        <th scope="row">${what}</th>
        <td class="num">${formatDuration(from)}</td>
        <td class="num">${formatDuration(to - from)}</td>
        <td class="num">${Math.round(((to - from) / lengthMs) * 100)} %</td>
      </tr> `,
  )
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Chart of where the time went">
      <div
        class="chart"
        role="img"
        aria-label="${`Where the time of ${name} went, one part after the other. The longest was ${longest?.what ?? ''}. The table below has the figures.`}"
      >
        ${axisRow(axisMs)} ${rows}
      </div>
    </div>
    <details>
      <summary>Where the time went as a table</summary>
      <table>
        <caption>
          Parts in the order of time
        </caption>
        <thead>
          <tr>
            <th scope="col">part</th>
            <th scope="col" class="num">began after</th>
            <th scope="col" class="num">took</th>
            <th scope="col" class="num">share</th>
          </tr>
        </thead>
        <tbody>
          ${table}
        </tbody>
      </table>
    </details>`
}
