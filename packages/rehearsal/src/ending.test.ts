import { NotRemoved } from '@switchover/local-aws/clean-up'
import { expect, test } from 'vitest'
import { endingOf } from './ending.ts'
import { CannotBeLike } from './like/likeness.ts'
import { HostLacks } from './scene.ts'

const left = 'Not everything could be removed: The machine hangs.'

function leaving(cause?: unknown): NotRemoved {
  const error = new NotRemoved([new Error('The machine hangs.')])
  if (cause !== undefined) error.cause = cause
  return error
}

test.each([
  ['a failure', new Error('No target.'), false, ['The rehearsal failed: No target.'], 1],
  ['a host that lacks something', new HostLacks('No engine.'), false, ['No engine.'], 2],
  ['a service it cannot be like', new CannotBeLike('No such service.'), false, ['No such service.'], 2],
  ['Ctrl-C', new Error('Aborted'), true, ['Interrupted: everything it started was ended.'], 130],
  ['something left behind', leaving(), false, [`The rehearsal failed: ${left}`], 1],
  [
    'a failure, and something left behind',
    leaving(new Error('No target.')),
    false,
    ['The rehearsal failed: No target.', left],
    1,
  ],
  [
    'a host that lacks something, and something left',
    leaving(new HostLacks('No disk.')),
    false,
    ['No disk.', left],
    2,
  ],
  ['Ctrl-C, and something left behind', leaving(new Error('Aborted')), true, ['Interrupted.', left], 1],
])('%s', (_, thrown, interrupted, lines, exitCode) => {
  expect(endingOf(thrown, interrupted)).toEqual({ lines, exitCode })
})
