import { compressedBytes } from './decide/layer.ts'
import type { Plan } from './decide/observation.ts'
import type { ImageHistory } from './decide/old-images.ts'
import { makeRoom } from './engine/make-room.ts'
import { pullImage } from './engine/pull-image.ts'
import { pullTeller } from './engine/pull-teller.ts'
import { Failure } from './failure.ts'
import type { Cloud, Parts } from './parts.ts'
import type { Status } from './status.ts'

/** What a pull is made with. */
type Means = {
  parts: Parts
  cloud: Cloud
  status: Status
  plan: Plan
  /** The engine's. */
  architecture: string
  /** Compressed bytes of images whose pull found no room, by source, as far as they were shown. */
  crowded: Map<string, number>
  history: ImageHistory
}

/**
 * Brings in one image by its source reference: room first, then the pull, which the status shows while it lasts.
 * @throws {Failure}
 */
export async function pull(means: Means, source: string, signal: AbortSignal): Promise<void> {
  const { parts, cloud, status, plan, architecture, crowded, history } = means
  const [login, sizes] = await Promise.all([cloud.logins.for(source), cloud.layerSizes(source, architecture)])
  const size = sizes === null ? null : compressedBytes(sizes)
  await makeRoom(parts, plan, { source, size, crowded: crowded.get(source) ?? null, history }, signal)
  const teller = pullTeller(parts, source, (progress) => {
    const more = Math.max(0, progress.bytes - (status.progress?.bytes ?? 0))
    parts.counters.add('switchover_agent_pull_bytes_total', {}, more)
    status.progress = progress
  })
  try {
    const { engine, clock } = parts
    const { logins } = cloud
    await pullImage({ engine, logins, clock }, source, { login, sizes, signal, seen: teller.seen })
    teller.done()
    crowded.delete(source)
  } catch (error) {
    if (error instanceof Failure && error.reason.code === 'disk-full') {
      const { total, bytes } = status.progress ?? { total: null, bytes: 0 }
      crowded.set(source, total ?? bytes)
    }
    throw error
  } finally {
    status.progress = null
  }
}
