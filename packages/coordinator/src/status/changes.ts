/** The lines of `after` that are not in `before`, whatever the width of their columns; a renewed lease is no news. */
export function changedLines(before: string, after: string): string[] {
  const known = new Set(before.split('\n').map(essence))
  return after.split('\n').filter((line) => !known.has(essence(line)))
}

function essence(line: string): string {
  return line
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/^(lease held by .*) until \S+$/, '$1')
}
