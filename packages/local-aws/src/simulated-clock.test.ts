import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { SimulatedClock } from './simulated-clock.ts'

test('tasks run in the order of their time, ties in the order of their making', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }), async (delays) => {
      const clock = new SimulatedClock(0)
      const ran: [number, number][] = []
      for (const [index, delay] of delays.entries()) clock.after(delay, () => ran.push([clock.now(), index]))
      await clock.advance(20)
      const expected = delays.map((delay, index) => [delay, index]).toSorted(([a = 0], [b = 0]) => a - b)
      expect(ran).toEqual(expected)
      expect(clock.now()).toBe(20)
    }),
  )
})

test('what a task makes runs too, when it falls due', async () => {
  const clock = new SimulatedClock(0)
  const ran: number[] = []
  const again = () => {
    ran.push(clock.now())
    clock.after(10, again)
  }
  clock.after(10, again)
  await clock.advance(35)
  expect(ran).toEqual([10, 20, 30])
})

test('promises go on between two tasks', async () => {
  const clock = new SimulatedClock(0)
  const ran: string[] = []
  clock.after(1, () => {
    void (async () => {
      for (let step = 0; step < 50; step++) await Promise.resolve()
      ran.push('first, to its end')
    })()
  })
  clock.after(1, () => ran.push('second'))
  await clock.advance(1)
  expect(ran).toEqual(['first, to its end', 'second'])
})

test('a cancelled task does not run', async () => {
  const clock = new SimulatedClock(0)
  let ran = false
  const cancel = clock.after(1, () => (ran = true))
  cancel()
  await clock.advance(5)
  expect(ran).toBe(false)
})

test('runUntil stops at the task that makes it true', async () => {
  const clock = new SimulatedClock(0)
  let count = 0
  const tick = () => {
    count += 1
    clock.after(10, tick)
  }
  clock.after(10, tick)
  await clock.runUntil(() => count === 3, 1_000)
  expect(clock.now()).toBe(30)
  await expect(clock.runUntil(() => count === 99, 100)).rejects.toThrow('100 ms have passed')
})

test('runUntil says when nothing is left that could make it true', async () => {
  await expect(new SimulatedClock(0).runUntil(() => false, 100)).rejects.toThrow('no task is left')
})

test('no time passes while files are read, one after another', async () => {
  const clock = new SimulatedClock(0)
  const again = () => void clock.after(1, again)
  clock.after(1, again)
  let read = 0
  const reading = (async () => {
    for (; read < 50; read++) await readFile(import.meta.filename)
  })()
  await clock.runUntil(() => read === 50, 1)
  await reading
  expect(clock.now()).toBeLessThanOrEqual(1)
})
