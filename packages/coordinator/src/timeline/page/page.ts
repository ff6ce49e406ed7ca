import { formatDuration } from '@switchover/contract/duration'
import { count } from '../../decide/words.ts'
import type { Entry, Section, Timeline } from '../model.ts'
import { switchedAt } from '../parts.ts'
import { slowestSentence } from '../slowest.ts'
import { leastOf } from '../least.ts'
import { callsChart } from './calls.ts'
import { capacityChart } from './capacity.ts'
import { closeUp, laneChart, legendOf } from './gantt.ts'
import { html, Html } from './html.ts'
import { partsChart } from './parts.ts'
import { axisOf, axisStyle } from './scale.ts'
import { style } from './style.ts'

/** A timeline as one self-contained page: no script, no request. */
export function pageOf(timeline: Timeline): string {
  const { service, version, previousVersion, predicted } = timeline
  const change = `${previousVersion ?? 'nothing'} → ${version}`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${`${service}: ${change}${predicted ? ', predicted' : ''}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <link rel="icon" href="data:," />
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <header>
          <p class="eyebrow">
            ${predicted ? 'Switchover · prediction, nothing was changed' : 'Switchover · report'}
          </p>
          <h1>${service} <span class="quiet">${change}</span></h1>
          <p class="lead">${timeline.summary}</p>
          ${timeline.failure === null ? null : html`<p class="alert"><b>Why it failed:</b> ${timeline.failure}</p>`}
          ${timeline.missing.map((sentence) => html`<p class="alert mild">${sentence}</p>`)}
          <p class="quiet">${timeline.id === '' ? '' : `${timeline.id} · `}${timesOf(timeline)}</p>
          ${timeline.sections.length < 2 ? null : contents(timeline.sections)}
        </header>
        <main>
          ${timeline.sections.map((section, index) => sectionHtml(section, index, predicted))}
          ${record(timeline)}
        </main>
      </body>
    </html> `.text
}

function timesOf({ startedAt, endedAt, predicted }: Timeline): string {
  if (predicted) return `as foretold at ${utc(startedAt)}`
  return endedAt === null ? `began ${utc(startedAt)}` : `${utc(startedAt)} to ${utc(endedAt)}`
}

function contents(sections: readonly Section[]): Html {
  const links = sections.map(
    ({ name, lengthMs }, index) =>
      html`<li><a href="#part-${index + 1}">${name}</a> ${formatDuration(lengthMs)}</li>`,
  )
  return html`<nav aria-label="Parts of this report">
    <ol>
      ${links}
    </ol>
  </nav>`
}

function sectionHtml(section: Section, index: number, predicted: boolean): Html {
  const axisMs = axisOf(section.lengthMs)
  const switched = switchedAt(section.marks)
  return html`<section
    id="part-${index + 1}"
    aria-labelledby="title-${index + 1}"
    class="${switched === null ? 'plain' : 'switched'}"
    style="${axisStyle(axisMs, switched)}"
  >
    <h2 id="title-${index + 1}">${title(section.name)} <span class="quiet">${section.rest}</span></h2>
    ${figures(section, switched, predicted)} ${hints(section)}
    ${section.parts.length === 0 ? null : html`<h3>${predicted ? 'Where the time would go' : 'Where the time went'}</h3>`}
    ${partsChart(section, axisMs)}
    <h3>Instances</h3>
    ${legendOf(section)}
    ${section.left === 0 ? null : html`<p class="alert mild">${count(section.left, 'further instance')} found no room in what was kept.</p>`}
    ${section.lanes.map((lane) => closeUp(lane, section))}
    ${section.lanes.map((lane) => laneChart(lane, section, axisMs))} ${troubles(section)}
    <h3>Healthy capacity</h3>
    ${capacityChart(section, axisMs)}
    <h3>Calls of the AWS API</h3>
    ${callsChart(section, axisMs, predicted)}
    <h3>Steps and events</h3>
    ${entries(section.entries)}
  </section>`
}

function title(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function figures(section: Section, switched: number | null, predicted: boolean): Html {
  const least = leastOf(section)
  const { foretold } = section
  const slowest = predicted ? null : slowestSentence(section)
  const tiles: [string, string, string][] = [
    ...(switched === null
      ? []
      : [
          [
            'switched after',
            formatDuration(switched),
            `all new traffic goes to the ${section.name === 'rollback' ? 'earlier' : 'new'} version${foreseen(foretold?.switchedMs)}`,
          ] as [string, string, string],
        ]),
    ['in all', formatDuration(section.lengthMs), `${section.rest}${foreseen(foretold?.endedMs)}`],
    ...(least === null
      ? []
      : [
          [
            'fewest healthy',
            String(least.healthy),
            least.required === null
              ? 'at any moment'
              : `${least.required} required${least.short ? `: too few at ${formatDuration(least.at)}` : ''}`,
          ] as [string, string, string],
        ]),
  ]
  return html`<dl class="figures">
      ${tiles.map(
        ([name, value, more]) =>
          html`<div>
            <dt>${name}</dt>
            <dd><b>${value}</b> <span class="quiet">${more}</span></dd>
          </div>`,
      )}
    </dl>
    ${slowest === null ? null : html`<p>${slowest}</p>`}
    ${section.marks.length === 0 ? null : html`<p class="quiet">${section.marks.map(({ text }) => text).join(' · ')}</p>`}
    ${section.gaps.length === 0 ? null : html`<p class="alert mild">Not seen: ${section.gaps.map(({ from, to }) => `from ${formatDuration(from)} to ${formatDuration(to)}`).join(', ')}.</p>`}`
}

function hints({ hints }: Section): Html | null {
  if (hints.length === 0) return null
  const items = hints.map(
    ({ text, savesMs }) =>
      html`<li>
        <b class="saves">${savesMs === null ? '' : `−${formatDuration(savesMs)}`}</b> <span>${text}</span>
      </li>`,
  )
  return html`<h3>What would save time</h3>
    <ul class="hints">
      ${items}
    </ul>`
}

/** What instances that failed said last. */
function troubles({ lanes }: Section): Html | null {
  const failed = lanes.flatMap(({ rows }) => rows.filter(({ note }) => note !== null))
  if (failed.length === 0) return null
  const shown = failed.slice(0, 10)
  return html`<h3>What instances lacked</h3>
    <ul class="troubles">
      ${shown.map(({ id, note, logs }) => html`<li><code>${id}</code> ${note}${logs.length === 0 ? null : html`<pre tabindex="0">${logs.join('\n')}</pre>`}</li>`)}
    </ul>
    ${failed.length > shown.length ? html`<p class="quiet">${`and ${failed.length - shown.length} more, in the table above`}</p>` : null}`
}

function entries(all: readonly Entry[]): Html {
  if (all.length === 0) return html`<p class="quiet">Nothing was written down.</p>`
  const warnings = all.filter(({ kind }) => kind === 'warning')
  const rows = all.map(
    ({ at, kind, what, text }) =>
      html`<tr class="${kind}">
        <th scope="row" class="num">${formatDuration(at)}</th>
        <td>${what}</td>
        <td>${text}</td>
      </tr> `,
  )
  const first = warnings
    .slice(0, 5)
    .map(({ at, text }) => html`<li><b>${formatDuration(at)}</b> ${text}</li>`)
  return html`${
      first.length === 0
        ? null
        : html`<ul class="warnings">
            ${first}
          </ul>`
    }
    <details class="prints">
      <summary>${`${count(all.length, 'entry', 'entries')}, ${count(warnings.length, 'warning')}`}</summary>
      <div class="scroll" tabindex="0" role="group" aria-label="Steps and events">
        <table>
          <caption>
            In the order of time
          </caption>
          <thead>
            <tr>
              <th scope="col" class="num">after</th>
              <th scope="col">what</th>
              <th scope="col">why</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>
    </details>`
}

function record({ facts, record, predicted }: Timeline): Html {
  return html`<section aria-labelledby="record">
    <h2 id="record">${predicted ? 'What was asked for' : 'The record'}</h2>
    <dl class="facts">
      ${facts.map(
        ({ name, value }) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${
      record === null
        ? null
        : html`<details>
            <summary>As it is kept, without its journal</summary>
            <pre tabindex="0">${JSON.stringify(record, null, 1)}</pre>
          </details>`
    }
  </section>`
}

function utc(at: string): string {
  return `${at.slice(0, 19).replace('T', ' ')} UTC`
}

function foreseen(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '' : `, ${formatDuration(ms)} foretold`
}
