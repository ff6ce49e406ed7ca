import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { createProgram } from '@switchover/coordinator/cli/program'
import type { Host } from '@switchover/coordinator/cli/host'
import { rehearseCommand } from '@switchover/rehearsal/command'
import { fills, waysToGive } from '../support/command-lines.ts'
import { documents, quoted, read, root } from '../support/documents.ts'

/** Flags that the documents name without a command: one of the programs takes them, with the value that is given. */

type Command = ReturnType<typeof rehearseCommand>

/** Made anew each time, for a command keeps what it was given. */
const commands = (): readonly Command[] => [
  // Nothing is carried out, so that nothing is taken from the process.
  ...createProgram({} as Host, [], () => undefined).commands,
  rehearseCommand(),
]

function takes(command: Command, words: readonly string[]): boolean {
  const last = command.options.find(({ long }) => long === words.at(-1))
  // Named without its value.
  const given = last?.required === true ? words.slice(0, -1) : words
  const needed = command.registeredArguments.map((argument) => fills[argument.name()] ?? '')
  command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  try {
    command.action(() => undefined).parse([...needed, ...given], { from: 'user' })
    return true
  } catch (error) {
    // Help is no failure.
    return (error as { exitCode?: number }).exitCode === 0
  }
}

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const usages = Object.values(scripts)
  .flatMap((line) => /^node (\S+)$/.exec(line)?.[1] ?? [])
  .flatMap((file) => [file, ...globSync(`${dirname(file)}/options.ts`, { cwd: root })])
  .map((file) => read(file))
  .join('\n')

/** Of compose, and the programs' own beside their commands. */
const others = ['--pull', '--no-build', '--version']

const isTaken = (words: readonly string[]) =>
  commands().some((command) => takes(command, words)) ||
  others.includes(words[0] ?? '') ||
  usages.includes(`  ${words[0]} `)

const flagsIn = (text: string) =>
  quoted(text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll('\\|', '|'))
    .filter((one) => /^--[a-z]/.test(one))
    .map((one) => one.replaceAll(/\s+/g, ' '))

test.each(documents)('%s: flags are those of a program', (path) => {
  for (const text of flagsIn(read(path)))
    for (const words of waysToGive(text)) expect(isTaken(words), text).toBe(true)
})

test('flags are found', () => {
  expect(documents.flatMap((path) => flagsIn(read(path))).length).toBeGreaterThan(60)
})

test.each(['--canari 1', '--bake soon', '--scaling none --floor 50%', '--scenario bad-imag', '--onli boot'])(
  'a wrong one is told: %s',
  (text) => expect(isTaken(text.split(' '))).toBe(false),
)
