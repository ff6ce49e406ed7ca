import { parse, YAMLParseError } from 'yaml'

/** A compose file's content with its merge keys resolved, as compose reads it; or what is wrong with it, in one line. */
export function parseYaml(text: string): { ok: true; document: unknown } | { ok: false; problem: string } {
  try {
    return { ok: true, document: parse(text, { merge: true }) }
  } catch (error) {
    // Below its first line the parser draws where it is.
    const [line = ''] = (error as Error).message.split('\n')
    const problem = line.replace(/[:.]+$/, '')
    const at = error instanceof YAMLParseError && !/ at line /.test(problem) ? where(error) : ''
    return { ok: false, problem: `It is not YAML: ${problem}${at}.` }
  }
}

function where({ linePos }: YAMLParseError): string {
  return linePos ? ` at line ${linePos[0].line}, column ${linePos[0].col}` : ''
}
