import { parentPort } from 'node:worker_threads'
import { checkPlan } from './check.ts'
import { generatePlan } from './generate.ts'
import type { Outcome } from './world.ts'

/** What came of the world of one seed; the log only where a rule was broken. */
export type Answer = Readonly<{ seed: number; outcome: Omit<Outcome, 'end'> }>

/** Runs the world of each seed it is sent. */
parentPort?.on('message', (seed: number) => void answer(seed))

async function answer(seed: number): Promise<void> {
  const outcome = await runSeed(seed)
  const answer: Answer = { seed, outcome: outcome.violation ? outcome : { ...outcome, log: [] } }
  parentPort?.postMessage(answer, [])
}

/** A service that does not come up is a fault of the generator, and shows like a broken rule. */
async function runSeed(seed: number): Promise<Answer['outcome']> {
  try {
    const { end: _, ...outcome } = await checkPlan(generatePlan(seed))
    return outcome
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return {
      violation: { rule: 'the world begins', text },
      log: [],
      commands: 0,
      deployments: 0,
      calls: 0,
      simulatedMs: 0,
    }
  }
}
