const mark = '[redacted]'

const rules: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g, mark],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, mark],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, mark],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${mark}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi, `$1:${mark}@`],
  [
    /((?:["']?)[\w.-]*(?:passw(?:or)?d|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w.-]*["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&"']+)/gi,
    `$1${mark}`,
  ],
]

const lineMax = 4_000
/** A secret that begins before the cut is still seen whole. */
const seenMax = lineMax + 1_000

/**
 * A line of somebody's log without what looks like a secret: keys, tokens, passwords. Cut at 4,000 characters, since the
 * rules' cost grows with the square of a line's length.
 */
export function redact(line: string): string {
  const seen = line.slice(0, seenMax)
  return rules
    .reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), seen)
    .slice(0, lineMax)
}

/** As `redact`, for lines that follow one another: a private key goes on to its end line. */
export function redactLines(lines: readonly string[]): string[] {
  let inKey = false
  return lines.flatMap((line) => {
    const shown = inKey ? [] : [redact(line)]
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(line)) inKey = true
    if (/-----END [A-Z ]*PRIVATE KEY-----/.test(line)) inKey = false
    return shown
  })
}
