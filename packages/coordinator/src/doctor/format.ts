import type { Finding } from './findings/finding.ts'

/** Findings as people read them, four lines each; empty where there are none. */
export function formatFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return ''
  return `${findings.map(formatFinding).join('\n')}\n`
}

function formatFinding({ code, severity, what, risk, mend, fix }: Finding): string {
  const how = fix ? `${mend}   (or --fix)` : mend
  return [`${severity}  ${code}`, `  ${what}`, `  ${risk}`, `  mend: ${how}`].join('\n')
}
