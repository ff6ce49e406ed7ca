import { expect, test } from 'vitest'
import { reasonOf } from './docker.ts'

test.each([
  [
    "docker: Error response from daemon: Conflict. The name is taken.\n\nRun 'docker run --help' for more information",
    'Error response from daemon: Conflict. The name is taken.',
  ],
  ['WARNING: something\nError: No such container: web\n', 'Error: No such container: web'],
  ['', 'no reason was given'],
])('the reason of a failure is one line (%#)', (stderr, reason) => {
  expect(reasonOf({ exitCode: 1, stdout: '', stderr })).toBe(reason)
})
