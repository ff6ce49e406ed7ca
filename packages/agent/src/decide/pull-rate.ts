import type { PullProgress } from '@switchover/contract/report'
import { transferOf } from './layer.ts'
import type { PullState } from './pull-progress.ts'

/** How fast a count of bytes grows. */
export type Meter = Readonly<{
  bytes: number
  at: number
  /** Null until something moved. */
  perSecond: number | null
}>

export type Meters = Readonly<{ download: Meter; unpack: Meter }>

/** What came this long ago counts about a third of what comes now. */
const smoothingMs = 5_000
/** Slower than this nothing can be foretold. */
const foretoldPerSecond = 1

export function newMeters(now: number): Meters {
  const meter: Meter = { bytes: 0, at: now, perSecond: null }
  return { download: meter, unpack: meter }
}

/**
 * A meter after another look, smoothed exponentially. A count that falls (an engine begins a layer again) is not held
 * against the pace.
 */
export function nextMeter(meter: Meter, bytes: number, now: number): Meter {
  const ms = now - meter.at
  if (ms <= 0) return meter
  const seen = Math.max(0, bytes - meter.bytes) / (ms / 1_000)
  if (meter.perSecond === null) return { bytes, at: now, perSecond: seen > 0 ? seen : null }
  const weight = 1 - Math.exp(-ms / smoothingMs)
  return { bytes, at: now, perSecond: meter.perSecond + weight * (seen - meter.perSecond) }
}

export function nextMeters(meters: Meters, state: PullState, now: number): Meters {
  const { downloaded, unpacked } = transferOf(state.layers.values())
  const unpacks = [...state.layers.values()].some((layer) => layer.state === 'unpacking')
  const idle = unpacked === meters.unpack.bytes && !unpacks
  return {
    download: nextMeter(meters.download, downloaded, now),
    // Waiting for the next layer says nothing about how fast it will be unpacked.
    unpack: idle ? { ...meters.unpack, at: now } : nextMeter(meters.unpack, unpacked, now),
  }
}

export function pullProgress(image: string, state: PullState, meters: Meters): PullProgress {
  const { downloaded, unpacked, total } = transferOf(state.layers.values())
  return {
    image,
    bytes: downloaded,
    total,
    unpacked,
    bytesPerSecond: Math.round(meters.download.perSecond ?? 0),
    remainingMs: total === null ? null : remaining(total - downloaded, total - unpacked, meters),
  }
}

/** Layers are unpacked while others come, so the slower of the two decides. */
function remaining(toDownload: number, toUnpack: number, { download, unpack }: Meters): number | null {
  const downloadMs = timeFor(toDownload, download)
  const unpackMs = timeFor(toUnpack, unpack)
  if (downloadMs === null) return null
  if (unpackMs === null) return toDownload > 0 ? downloadMs : null
  return Math.max(downloadMs, unpackMs)
}

function timeFor(bytes: number, { perSecond }: Meter): number | null {
  if (bytes <= 0) return 0
  return perSecond === null || perSecond < foretoldPerSecond ? null : Math.round((bytes / perSecond) * 1_000)
}
