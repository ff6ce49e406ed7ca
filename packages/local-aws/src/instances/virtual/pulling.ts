import type { Phase, Report } from '@switchover/contract/report'

/** Of every virtual image. Bytes. */
const imageBytes = 180_000_000

/** How far a pull of `pullMs` is after `passedMs`: it comes evenly, and is unpacked as it comes. */
export function pulling(phase: Phase, passedMs: number, pullMs: number): Pick<Report, 'progress'> {
  if (phase !== 'pulling') return {}
  const begun = passedMs > 0
  const bytes = Math.round(imageBytes * (pullMs === 0 ? 1 : Math.min(1, passedMs / pullMs)))
  return {
    progress: {
      image: 'virtual',
      bytes,
      total: begun ? imageBytes : null,
      unpacked: bytes,
      bytesPerSecond: begun ? Math.round((bytes / passedMs) * 1_000) : 0,
      remainingMs: begun ? Math.max(0, pullMs - passedMs) : null,
    },
  }
}
