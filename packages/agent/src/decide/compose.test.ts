import { expect, test } from 'vitest'
import { chooseCompose } from './compose.ts'

const needed = "the agent needs Docker's compose plugin 2.17 or later, or docker-compose 1.29."

test.each([
  ['2.17.0', null, 'docker compose', 'v2'],
  ['2.26.1-4', '1.29.2', 'docker compose', 'v2'],
  ['v2.40.3', null, 'docker compose', 'v2'],
  ['5.5.0', null, 'docker compose', 'v2'],
  [null, '2.20.2', 'docker-compose', 'v2'],
  [null, '1.29.2', 'docker-compose', 'v1'],
  ['2.6.0', '1.29.2', 'docker-compose', 'v1'],
  ['2.6.0', 'v2.24.1', 'docker-compose', 'v2'],
])('plugin %s, standalone %s: %s', (plugin, standalone, argv, dialect) => {
  const chosen = chooseCompose(plugin, standalone)
  expect(chosen.ok && { argv: chosen.command.argv.join(' '), dialect: chosen.command.dialect }).toEqual({
    argv,
    dialect,
  })
})

test.each([
  [null, null, 'This machine has no docker compose'],
  ['2.16.0', null, 'This machine has docker compose 2.16.0'],
  [null, '1.28.6', 'This machine has docker-compose 1.28.6'],
  [null, '1.2.9', 'This machine has docker-compose 1.2.9'],
  ['2.3.3', '1.25.0', 'This machine has docker compose 2.3.3 and docker-compose 1.25.0'],
  ['dev', null, 'This machine has docker compose dev'],
])('plugin %s, standalone %s are refused', (plugin, standalone, has) => {
  expect(chooseCompose(plugin, standalone)).toEqual({ ok: false, problem: `${has}; ${needed}` })
})
