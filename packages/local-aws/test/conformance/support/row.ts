import { expect, test } from 'vitest'
import { accountPlace } from './account-place.ts'
import { targetOfThisRun } from './config.ts'
import { localPlace } from './local-place.ts'
import type { Place } from './place.ts'
import { Scene } from './scene.ts'

/** How we know: AWS documents it, its service model says it, or somebody published a real call. */
type Status = 'documented' | 'model' | 'trace'

/** What the summary reads of a row. */
export type RowMeta = {
  service: string
  operation: string
  status: Status | 'assumed'
  /** Not for an account, because. */
  local?: string
  /** Of an assumption: what the local AWS does, and what was seen. */
  here?: string
  seen?: string
}

declare module 'vitest' {
  interface TaskMeta {
    conformance?: RowMeta
  }
}

type Row = {
  status: Status
  /** Page of the AWS documentation, service model, or where the call was published. */
  source: string
  says: string
  /** Why an account cannot be asked. */
  local?: string
}

/** What nobody could tell us: the local AWS does `here`, and an account is asked and quoted. */
type Assumption = { source: string; says: string; here: string }

const target = targetOfThisRun()
/** Against hanging only: waiting is simulated here and real there. */
const limitMs = { local: 60_000, account: 45 * 60_000 }

/** The rows of one operation. In an account they go side by side, for each waits minutes. */
export function operation(service: string, name: string) {
  const define = (
    title: string,
    meta: Omit<RowMeta, 'service' | 'operation'>,
    play: (scene: Scene, meta: RowMeta) => Promise<void>,
  ): void => {
    const conformance: RowMeta = { service, operation: name, ...meta }
    const account = target.kind === 'account'
    const options = {
      meta: { conformance },
      concurrent: account,
      skip: account && meta.local !== undefined,
      timeout: limitMs[target.kind],
    }
    test(`${name}: ${title}`, options, async ({ task }) => {
      const place = await open()
      const scene = new Scene(place)
      try {
        await play(scene, conformance)
      } finally {
        task.meta.conformance = conformance
        await scene.cleanUp.run(place)
        await place.close()
      }
    })
  }
  const row = ({ says, source, ...meta }: Row, play: (scene: Scene) => Promise<void>): void =>
    define(`${says} (${source})`, meta, play)
  /** `ask` tells what happened in the words of `here`. An account's answer that differs is told in the summary and fails nothing. */
  const assumed = ({ says, source, here }: Assumption, ask: (scene: Scene) => Promise<string>): void =>
    define(`${says} (${source})`, { status: 'assumed', here }, async (scene, meta) => {
      meta.seen = await ask(scene)
      if (scene.place.kind === 'local') expect(meta.seen).toBe(here)
    })
  return { row, assumed }
}

let account: Promise<Place> | null = null

/** A fresh local account for each row; the one real account, looked at once a file. */
async function open(): Promise<Place> {
  if (target.kind === 'local') return localPlace()
  account ??= accountPlace(target)
  return await account
}
