import { expect, test } from 'vitest'
import { CleanUp, NotRemoved, undoAfter } from './clean-up.ts'

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

test('keeps what went wrong before as the cause of what could not be undone', async () => {
  const failure = new Error('No target.')
  const cleanUp = new CleanUp()
  await expect(undoAfter(failure, () => cleanUp.run())).rejects.toBe(failure)
  const hanging = new CleanUp()
  hanging.add(() => Promise.reject(new Error('The machine hangs.')))
  const left = undoAfter(failure, () => hanging.run())
  await expect(left).rejects.toBeInstanceOf(NotRemoved)
  await expect(left).rejects.toMatchObject({ cause: failure })
})
