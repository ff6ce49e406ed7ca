import { Worker } from 'node:worker_threads'
import type { Answer } from './worker.ts'

/** What all worlds so far came to. */
export type Totals = {
  worlds: number
  commands: number
  deployments: number
  calls: number
  simulatedMs: number
  broken: Answer[]
}

type Work = Readonly<{ worlds: number; seed: number; workers: number }>

/**
 * Runs the worlds of `worlds` seeds on threads, each thread one world at a time.
 * @throws where a thread fails.
 */
export async function runAll(
  { worlds, seed, workers }: Work,
  onWorld: (totals: Totals) => void,
): Promise<Totals> {
  const totals: Totals = { worlds: 0, commands: 0, deployments: 0, calls: 0, simulatedMs: 0, broken: [] }
  let next = seed
  const take = (): number | null => (next < seed + worlds ? next++ : null)
  const count = (answer: Answer): void => {
    const { outcome } = answer
    totals.worlds += 1
    totals.commands += outcome.commands
    totals.deployments += outcome.deployments
    totals.calls += outcome.calls
    totals.simulatedMs += outcome.simulatedMs
    if (outcome.violation) totals.broken.push(answer)
    onWorld(totals)
  }
  await Promise.all(Array.from({ length: Math.min(workers, worlds) }, () => runThread(take, count)))
  return totals
}

async function runThread(take: () => number | null, count: (answer: Answer) => void): Promise<void> {
  const worker = new Worker(new URL('worker.ts', import.meta.url))
  try {
    await new Promise<void>((resolve, reject) => {
      const feed = (): void => {
        const seed = take()
        if (seed === null) resolve()
        else worker.postMessage(seed, [])
      }
      worker.on('error', reject)
      worker.on('message', (answer: Answer) => {
        count(answer)
        feed()
      })
      feed()
    })
  } finally {
    await worker.terminate()
  }
}
