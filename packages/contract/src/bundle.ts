import * as z from 'zod'
import { schemaSentence } from './sentence.ts'
import { digest } from './tags.ts'

/** Names a bundle's compose file may have, in the order compose itself looks for them. */
export const composeFileNames = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yaml',
  'docker-compose.yml',
] as const

/** The file of a bundle that says which bytes its sidecars are. */
export const imagesLockName = 'images.lock'

const lockSchema = z.object({
  schema: z.literal(1),
  /** Digest by image exactly as the compose file writes it, `redis:7`. */
  images: z.record(z.string(), digest),
})
export type ImagesLock = z.infer<typeof lockSchema>

export function parseImagesLock(
  json: string,
): { ok: true; lock: ImagesLock } | { ok: false; problem: string } {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return { ok: false, problem: `${imagesLockName} is not JSON.` }
  }
  const parsed = lockSchema.safeParse(value)
  return parsed.success
    ? { ok: true, lock: parsed.data }
    : { ok: false, problem: `${imagesLockName}: ${schemaSentence(parsed.error)}` }
}

/** Limits on an unpacked bundle, the same where it is packed and where it is unpacked. */
export const bundleBytesMax = 10 * 1024 * 1024
export const bundleFilesMax = 1_000
