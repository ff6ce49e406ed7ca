import { createProgram } from '@switchover/coordinator/cli/program'
import type { Host } from '@switchover/coordinator/cli/host'
import { fills } from './command-lines.ts'

/** A mention of one of the coordinator's commands, such as `deploy --plan`, with all that it takes to be run. */
export function completed(words: readonly string[]): readonly string[] {
  const [name = '', ...rest] = words
  if (name === '') return ['--help']
  // Nothing is carried out, so that nothing is taken from the process.
  const command = createProgram({} as Host, [], () => undefined).commands.find((one) => one.name() === name)
  if (command === undefined || rest.includes('--help')) return words
  const last = command.options.find(({ long }) => long === rest.at(-1))
  const place = last?.required === true ? /<(.*)>/.exec(last.flags)?.[1] : undefined
  const given = place === undefined ? rest : [...rest, fills[place.toUpperCase()] ?? place]
  if (given.includes('--agent'))
    return [
      name,
      ...given,
      ...(given.includes('--store') ? [] : ['--store', 's3://example-releases/switchover']),
    ]
  const needed = command.registeredArguments.filter(({ required }) => required || name === 'publish')
  const bare = given.length === 0 || given[0]?.startsWith('-') === true
  return [
    name,
    ...(bare ? needed.map((argument) => fills[argument.name()] ?? argument.name()) : []),
    ...given,
  ]
}
