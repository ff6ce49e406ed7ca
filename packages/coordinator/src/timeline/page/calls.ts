import { count } from '../../decide/words.ts'
import { totalsOf } from '../calls.ts'
import type { Calls, Section } from '../model.ts'
import { tickWords } from '../ticks.ts'
import { html, type Html } from './html.ts'
import { axisRow, chartWidth, x } from './scale.ts'

const height = 1_000
/** Bars across the chart, at most. */
const barsMost = 120

/** Requests to AWS over time, and by operation; those of a run that left nothing are not among them. */
export function callsChart(
  { calls, gaps }: Pick<Section, 'calls' | 'gaps'>,
  axisMs: number,
  predicted: boolean,
): Html {
  if (calls === null || calls.operations.length === 0)
    return html`<p class="quiet">No run left a count of its calls.</p>`
  const { bars, barMs } = joined(calls, axisMs)
  const most = Math.max(1, ...bars)
  const { total, changing } = totalsOf(calls)
  const path = bars
    .map((calls, index) => {
      if (calls === 0) return ''
      const [from, to] = [x(index * barMs, axisMs), x((index + 1) * barMs, axisMs)]
      const y = Math.round(height - (calls / most) * height)
      return `M${from} ${y}H${Math.max(from + 4, to - 8)}V${height}H${from}z`
    })
    .join('')
  const sentence = predicted
    ? `${count(total, 'call')} that would change something. Looks are not foretold.`
    : `${gaps.length > 0 ? 'At least ' : ''}${count(total, 'call')}, ${changing} of them changing something; repetitions by the SDK are counted.`
  return html`<p>${sentence}</p>
    <div class="scroll" tabindex="0" role="group" aria-label="Chart of API calls">
      <div
        class="chart"
        role="img"
        aria-label="${`API calls over time, ${most} at most within ${tickWords(barMs)}. The table below has them by operation.`}"
      >
        ${axisRow(axisMs)}
        <div class="label low">
          <span style="top:0">${most} in ${tickWords(barMs)}</span><span style="top:100%">0</span>
        </div>
        <div class="track low">
          <svg viewBox="0 0 ${chartWidth} ${height}" preserveAspectRatio="none">
            <path class="calls" d="${path}" />
          </svg>
        </div>
        <div class="value"></div>
      </div>
    </div>
    ${operationsTable(calls)}`
}

function operationsTable({ operations }: Calls): Html {
  return html`<details>
    <summary>Calls by operation</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="Table of API calls">
      <table>
        <caption>
          Calls of the AWS API by operation
        </caption>
        <thead>
          <tr>
            <th scope="col">service</th>
            <th scope="col">operation</th>
            <th scope="col">kind</th>
            <th scope="col" class="num">calls</th>
          </tr>
        </thead>
        <tbody>
          ${operations.map(({ name, count, changes }) => {
            const [service = '', operation = ''] = name.split(' ')
            return html`<tr>
              <td>${service}</td>
              <th scope="row"><code>${operation}</code></th>
              <td>${changes ? 'changes' : 'reads'}</td>
              <td class="num">${count}</td>
            </tr> `
          })}
        </tbody>
      </table>
    </div>
  </details>`
}

/** Fewer and longer buckets, as many as there is room for. */
function joined({ buckets, bucketMs }: Calls, axisMs: number): { bars: number[]; barMs: number } {
  const every = Math.max(1, Math.ceil(axisMs / bucketMs / barsMost))
  const bars = Array.from({ length: Math.ceil(buckets.length / every) }, (_, index) =>
    buckets.slice(index * every, (index + 1) * every).reduce((sum, one) => sum + one, 0),
  )
  return { bars, barMs: bucketMs * every }
}
