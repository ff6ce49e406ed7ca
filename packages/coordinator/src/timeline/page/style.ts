import { barKinds } from '../model.ts'

/** Inline, so that the page needs nothing else. Colours of bars keep 3:1 to the page in light and dark. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fff; --panel: #f6f8fa; --text: #1b1f24; --quiet: #57606a; --rule: #d0d7de; --grid: #e3e7ec;
  --accent: #a40e6d; --link: #0b57b0; --alert: #b42318; --alert-page: #fdeceb; --mild-page: #fdf4dc;
  --launch: #8b93a0; --boot: #5f6878; --agent: #9a3ec2; --pull: #2e6fdb; --compose: #0f8a9d; --start: #2e6fdb; --health: #b3630a;
  --service: #1f8a4c; --unhealthy: #d1242f; --draining: #a87500; --standby: #6e7b8f; --returning: #0f8a9d;
  --failed: #d1242f; --ending: #8a6d5c; --unseen: #8b93a0; --old: #6e7b8f; --new: #1f8a4c; --part: #6e8fc4; --good: #146c38; --longest: #1f5fc0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b; --panel: #191f27; --text: #e8ecf1; --quiet: #a3adba; --rule: #343d49; --grid: #252d37;
    --accent: #ff7ac6; --link: #8ab8ff; --alert: #ff9b93; --alert-page: #3a1a1a; --mild-page: #332a12;
    --launch: #8e98a8; --boot: #6f7b8d; --agent: #c07be6; --pull: #5b97f7; --compose: #2db4c6; --start: #5b97f7; --health: #e0953c;
    --service: #3fb56f; --unhealthy: #f0605f; --draining: #d6a429; --standby: #8391a6; --returning: #2db4c6;
    --failed: #f0605f; --ending: #b08f7c; --unseen: #6f7b8d; --old: #8391a6; --new: #3fb56f; --part: #5f7fae; --good: #4cc77d; --longest: #7fb0ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 84rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.4rem; margin: 0 0 1rem; }
h3 { font-size: 1.1rem; margin: 2.25rem 0 .75rem; }
h4 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
h1 .quiet, h2 .quiet, h4 .quiet { font-weight: 400; }
p { margin: .25rem 0 .75rem; max-width: 70rem; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; font-size: .85em; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.eyebrow { color: var(--quiet); font-size: .85rem; margin: 0 0 .25rem; }
.lead { font-size: 1.15rem; }
.quiet { color: var(--quiet); }
.alert { background: var(--alert-page); border-left: .3rem solid var(--alert); padding: .6rem .9rem; }
.alert.mild { background: var(--mild-page); border-left-color: var(--draining); }
nav ol { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; padding: 0; list-style: none; }
section { border-top: 1px solid var(--rule); margin-top: 2rem; padding-top: 1.5rem; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 1rem; }
.figures div { background: var(--panel); border: 1px solid var(--rule); border-radius: .5rem; padding: .6rem 1rem; min-width: 11rem; }
.figures dt { color: var(--quiet); font-size: .85rem; }
.figures dd { margin: 0; }
.figures dd b { display: block; font-size: 1.5rem; line-height: 1.3; }
.figures dd .quiet { font-size: .85rem; }
.hints, .troubles, .warnings { list-style: none; padding: 0; margin: 0; }
.hints li { display: flex; gap: 1rem; padding: .45rem 0; border-bottom: 1px solid var(--rule); }
.saves { flex: 0 0 5rem; text-align: right; color: var(--good); font-variant-numeric: tabular-nums; white-space: nowrap; }
.warnings li, .troubles li { border-left: .3rem solid var(--draining); padding: .15rem 0 .15rem .75rem; margin: .4rem 0; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.25rem; padding: 0; margin: 0 0 .5rem; list-style: none; font-size: .85rem; color: var(--quiet); }
.legend b { color: var(--text); font-weight: 600; }
.legend svg { width: 1.6rem; height: .9rem; vertical-align: -.1rem; }
.swatch { display: inline-block; width: 1.6rem; height: .8rem; vertical-align: -.05rem; }
.swatch.new { background: var(--new); } .swatch.old { background: var(--old); }
.swatch.line { height: 0; border-top: 3px dashed var(--accent); vertical-align: .25rem; }
.scroll { overflow: auto hidden; }
.chart { display: grid; grid-template-columns: 15rem minmax(16rem, 1fr) 6.5rem; column-gap: .6rem; }
.label { font-size: .8rem; min-height: 1.35rem; line-height: 1.35rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: right; }
.label.words { white-space: normal; line-height: 1.15rem; }
.label.tall, .label.low { position: relative; overflow: visible; }
.label.tall span, .label.low span { position: absolute; right: 0; transform: translateY(-50%); }
.value { font-size: .8rem; line-height: 1.35rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.axis { position: relative; height: 1.5rem; border-bottom: 1px solid var(--rule); font-size: .75rem; color: var(--quiet); }
.axis span { position: absolute; bottom: 0; padding-left: .25rem; border-left: 1px solid var(--rule); white-space: nowrap; }
.track { position: relative; background-image: linear-gradient(to right, var(--grid) 1px, transparent 1px); background-size: var(--step) 100%; }
.track.tall { height: 10rem; } .track.low { height: 5rem; }
.track.tall, .track.low, .label.tall, .label.low { margin: .6rem 0; }
.switched .track::after { content: ""; position: absolute; inset: 0 auto 0 var(--switch); border-left: 2px solid var(--accent); }
.switched .unswitched .track::after { content: none; }
.track svg { display: block; width: 100%; height: 100%; min-height: 1.35rem; }
.track svg.block { height: calc(var(--rows) * var(--row)); min-height: 0; shape-rendering: crispEdges; }
${barRules()}
.area-old { fill: var(--old); } .area-new { fill: var(--new); } .calls { fill: var(--pull); }
.part { fill: var(--part); } .part.longest { fill: var(--longest); }
.required { fill: none; stroke: var(--accent); stroke-width: 3px; stroke-dasharray: 7 4; vector-effect: non-scaling-stroke; }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--link); width: fit-content; }
table { border-collapse: collapse; font-size: .85rem; margin: .5rem 0; }
caption { text-align: left; color: var(--quiet); padding-bottom: .25rem; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; font-weight: 400; }
thead th { color: var(--quiet); }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.warning td, tr.warning th { background: var(--mild-page); }
pre { overflow: auto; max-height: 30rem; background: var(--panel); border: 1px solid var(--rule); padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: .35rem 2rem; margin: 0 0 1rem; }
.facts div { display: flex; gap: .75rem; min-width: 0; }
.facts dt { color: var(--quiet); flex: 0 0 6.5rem; }
.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
@media (max-width: 50rem) {
  .chart { grid-template-columns: 6rem minmax(8rem, 1fr) 3.6rem; column-gap: .35rem; }
  .axis span:nth-child(even) { display: none; }
  .label code { direction: rtl; }
  .hints li { gap: .6rem; } .saves { flex-basis: 4rem; }
}
@media print {
  :root { color-scheme: light; --page: #fff; --panel: #fff; --text: #000; --quiet: #444; --rule: #999; --grid: #ddd; --link: #000; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { padding: 0; max-width: none; font-size: 9.5pt; }
  nav, details:not(.prints) { display: none; }
  details.prints::details-content { content-visibility: visible; block-size: auto; }
  .scroll { overflow: visible; }
  .chart { grid-template-columns: 9.5rem 1fr 4.5rem; }
  h2, h3, h4, .legend, caption, thead { break-after: avoid; }
  .legend { break-inside: avoid; }
  .figures, .hints li, .track.tall, .track.low, tr { break-inside: avoid; }
  .track, .label, .value { break-inside: avoid; }
}
`

function barRules(): string {
  return barKinds.map((kind) => `path.${kind} { fill: var(--${kind}); }`).join(' ')
}
