import { documents, read } from './documents.ts'

/** The command lines of this product that stand in what people read. */

const shown = /^```\w*\n([\s\S]*?)^```$|`([^`]+)`/gm
const programs = /^(?:switchover|switchover-agent|npm run)(?: |$)/
/** Of the coordinator, as running text names them: without the program before them. */
const commands = /^(?:deploy|promote|rollback|finish|resume|status|doctor|history|report|publish|rehearse) \S/

/** Command lines of a text, in their order: of its blocks, and those between backticks. */
export function commandLinesIn(text: string): string[] {
  const [inBlocks, all]: [string[], string[]] = [[], []]
  for (const [, block, inline = ''] of text.replaceAll('\\|', '|').matchAll(shown)) {
    if (block === undefined) all.push(...commandsOf(spokenOf(inline, inBlocks.length > 0 ? inBlocks : all)))
    else {
      const lines = block
        .replaceAll(/\\\n\s*/g, '')
        .split('\n')
        .flatMap(commandsOf)
      inBlocks.push(...lines)
      all.push(...lines)
    }
  }
  return all
}

/** `-- FLAGS` goes on from the last script `before`. */
function spokenOf(text: string, before: readonly string[]): string {
  const line = text.replaceAll(/\s+/g, ' ')
  if (commands.test(line)) return `switchover ${line}`
  if (!line.startsWith('-- ')) return line
  const script = before.findLast((other) => other.startsWith('npm run '))
  return `${script?.replace(/ -- .*$/, '')} ${line}`
}

/** What a shell would run of a line, without what it does with the output. */
function commandsOf(line: string): string[] {
  return line
    .split(/ && | \|\| | \| (?=[a-z])|[<$]\(/)
    .map((part) =>
      part
        .replace(/^\s*(- )?run: /, '')
        .replace(/( (#|>|→).*|\)|;.*)$/, '')
        .replace(/^\s*(?:(?:if|while|until|!|[A-Z_]+=\S*) )+/, '')
        .replace(/^npx /, '')
        .replace(/^npm run -s /, 'npm run ')
        .trim(),
    )
    .filter((part) => programs.test(part))
}

/** Something of the kind that stands in a place to fill, by the name of the place. */
export const fills: Readonly<Record<string, string>> = {
  SERVICE: 'web',
  VERSION: 'v42',
  $VERSION: 'v42',
  $version: 'v42',
  ID: '20260101-120000-44fd',
  FILE: 'file.html',
  // Nobody listens there, which is a warning.
  URL: 'http://127.0.0.1:9/',
  DIR: 'bootstrap/example/web',
  TARBALL: 'dist/agent/switchover-agent-linux-x64.tar.gz',
  N: '1',
  'P%': '50%',
  NAME: 'bad-image',
  's3://BUCKET/switchover': 's3://example-releases/switchover',
  'ROLE=FILE': 'ops=bootstrap/iam/coordinator-role.json',
}

/** Every way to give a line, in words: each of `a|b`, and without and with `[a]`. */
export function waysToGive(line: string): string[][] {
  let ways: string[][] = [[]]
  for (const word of line.replaceAll(/["']/g, '').split(' ')) {
    if (word === '…') continue
    const optional = /^\[(.*)\]$/.exec(word)?.[1]
    const given = (optional ?? word).split('|').map((one) => fills[one] ?? one)
    ways = ways.flatMap((way) => [
      ...(optional === undefined ? [] : [way]),
      ...given.map((one) => [...way, one]),
    ])
  }
  return ways
}

/** A command line to be run, in words without its program, and the documents it stands in. */
export type Documented = { words: readonly string[]; documents: string[] }

/**
 * Every line of the documents that is a program's, each once.
 * @param program `switchover`, `switchover-agent` or `npm run`
 * @param complete makes of what is named what is run
 */
export function documentedLines(
  program: string,
  complete: (words: readonly string[]) => readonly string[] = (words) => words,
): Documented[] {
  const found = new Map<string, Documented>()
  for (const path of documents)
    for (const line of commandLinesIn(read(path))) {
      if (!`${line} `.startsWith(`${program} `)) continue
      for (const way of waysToGive(line.slice(program.length).trim())) {
        const words = complete(way.filter((word) => word !== ''))
        const known = found.get(words.join(' ')) ?? { words, documents: [] }
        if (!known.documents.includes(path)) known.documents.push(path)
        found.set(words.join(' '), known)
      }
    }
  return [...found.values()]
}
