/** Rows of one metric, as Prometheus knows it. */
export type Family = {
  name: string
  help: string
  type: 'counter' | 'gauge'
  rows: readonly Row[]
}

export type Labels = Readonly<Record<string, string>>
export type Row = { labels?: Labels; value: number }

/** Text in Prometheus' exposition format, version 0.0.4. Families without a row are left out. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, help, type, rows }) => {
      const lines = rows.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${numberText(value)}\n`)
      return `# HELP ${name} ${escaped(help, /[\\\n]/g)}\n# TYPE ${name} ${type}\n${lines.join('')}`
    })
    .join('')
}

export const expositionType = 'text/plain; version=0.0.4'

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value, /[\\\n"]/g)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, (mark) => (mark === '\n' ? '\\n' : `\\${mark}`))
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
