import { expect, test } from 'vitest'
import { CleanUp, NotRemoved } from './clean-up.ts'

test('undoes the last thing first, once, and tells every failure after all has been tried', async () => {
  const done: string[] = []
  const undo = (name: string, failure?: string) => async () => {
    done.push(name)
    if (failure !== undefined) throw new Error(failure)
  }
  const cleanUp = new CleanUp()
  cleanUp.add(undo('network', 'The network is in use.'))
  cleanUp.add(undo('disk'))
  cleanUp.add(undo('machine', 'The machine hangs'))
  const ended = cleanUp.run()
  expect(cleanUp.run()).toBe(ended)
  await expect(ended).rejects.toThrow(NotRemoved)
  await expect(ended).rejects.toThrow(
    'Not everything could be removed: The machine hangs; The network is in use.',
  )
  expect(done).toEqual(['machine', 'disk', 'network'])
})
