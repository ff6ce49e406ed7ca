import type { Reporter, TestModule } from 'vitest/node'
import type { RowMeta } from './row.ts'

const columns = ['documented', 'model', 'trace', 'assumed'] as const

/** Prints what the conformance rows of a run stand on, an operation a line; nothing where the run had none. */
export default class ConformanceSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test) => test.meta().conformance ?? []),
    )
    if (rows.length > 0) process.stdout.write(`${summary(rows)}\n`)
  }
}

export function summary(rows: readonly RowMeta[]): string {
  const operations = Map.groupBy(rows, ({ service, operation }) => `${service}  ${operation}`)
  const width = Math.max(24, ...[...operations.keys()].map((name) => name.length))
  const line = (name: string, some: readonly RowMeta[]) =>
    [
      name.padEnd(width),
      ...columns.map((column) =>
        String(some.filter(({ status }) => status === column).length).padStart(column.length),
      ),
      String(some.filter(({ local }) => local !== undefined).length).padStart('local only'.length),
    ].join('  ')
  return [
    ['Conformance rows'.padEnd(width), ...columns, 'local only'].join('  '),
    ...[...operations].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, some]) => line(name, some)),
    line('all', rows),
    ...answers(rows),
  ].join('\n')
}

/** What an account answered where the local AWS had assumed something else. */
function answers(rows: readonly RowMeta[]): string[] {
  return rows
    .filter(({ here, seen }) => seen !== undefined && seen !== here)
    .map(({ operation, here, seen }) => `${operation}: assumed "${here}", the account did "${seen}"`)
}
