import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { digest, release } from '@switchover/contract/tags'

const identity = z.object({ instanceId: z.string(), region: z.string() })
const wanted = z.object({
  group: z.string(),
  service: z.string(),
  store: z.string(),
  version: z.string(),
  bundle: z.string(),
  release,
  deployment: z.string().nullable(),
  digests: z.record(z.string(), digest),
})
const image = z.object({ service: z.string(), repository: z.string(), digest, imageId: z.string() })

const schema = z.object({
  schema: z.literal(1),
  identity,
  /** Boot in which the identity was read: within one boot it cannot change. */
  bootId: z.string(),
  /** What was verified to run, null until it was. */
  verified: z.object({ wanted, images: z.array(image), bootId: z.string() }).nullable(),
  parkedSince: z.number().nullable(),
  /** Whether the app drains for the warm pool: what was verified then counts in this boot alone, until that is done. */
  pooling: z.boolean().default(false),
  /** References the agent pulled; states of before it kept them have none. */
  pulled: z.array(z.string()).default([]),
})

/** What a machine needs to come back after a restart with AWS out of reach. */
export type SavedState = z.infer<typeof schema>

const fileName = 'state.json'

/** The saved state, or null where there is none that can be read: then the machine starts as a new one. */
export async function loadState(directory: string): Promise<SavedState | null> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(join(directory, fileName), 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** Replaces the saved state; a crash at any moment leaves the old or the new one, whole. */
export async function saveState(directory: string, state: SavedState): Promise<void> {
  await mkdir(directory, { recursive: true })
  const target = join(directory, fileName)
  const draft = `${target}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(state)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, target)
  await syncDirectory(directory)
}

/** Makes renames in a directory survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
