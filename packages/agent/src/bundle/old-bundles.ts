import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText } from '../failure.ts'
import type { Parts } from '../parts.ts'

/**
 * Removes the bundles a machine has been through, as one that came back from a warm pool has, but for `current` and the
 * one before it. What cannot be removed stays.
 */
export async function removeOldBundles(
  { stateDirectory, log }: Pick<Parts, 'stateDirectory' | 'log'>,
  current: string,
): Promise<void> {
  const bundles = join(stateDirectory, 'bundles')
  try {
    const others = (await readdir(bundles)).filter((name) => name !== current)
    const installed = await Promise.all(
      others.map(async (name) => ({ name, at: (await stat(join(bundles, name))).mtimeMs })),
    )
    // What was never unpacked to its end has a name that begins with a dot.
    const whole = installed.filter(({ name }) => !name.startsWith('.')).toSorted((a, b) => b.at - a.at)
    for (const name of others)
      if (name !== whole[0]?.name) await rm(join(bundles, name), { recursive: true, force: true })
  } catch (error) {
    log.warn(`Older bundles were not all removed: ${errorText(error)}`)
  }
}
