/** A table for a terminal: columns as wide as their widest cell, numbers' columns right-aligned. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const rightAligned = header.map((_, column) => rows.every((row) => /^[\d.,–-]/.test(row[column] ?? '–')))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        rightAligned[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}
