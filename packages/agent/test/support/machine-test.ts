import { test as base } from 'vitest'
import { Machine } from './machine.ts'

/** A test with a machine of its own, whose agent ends with it. */
// oxlint-disable-next-line no-empty-pattern -- vitest reads from the pattern what a fixture needs
export const test = base.extend('machine', async ({}, { onCleanup }) => {
  const machine = await Machine.create()
  onCleanup(() => machine[Symbol.asyncDispose]())
  return machine
})
