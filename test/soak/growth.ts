import type { Sample } from './measure.ts'

type Measure = Exclude<keyof Sample, 'deployments' | 'storeKeys' | 'storeBytes' | 'accountBytes'>

/** How much more at the end than at the first sample is growth and not chance. */
const limits: Readonly<Record<Measure, number>> = {
  coordinatorBytes: 1.15,
  calls: 1.4,
  recordBytes: 1.2,
}

/** What the local AWS may keep of a deployment: its entry of the history, and the activities of its groups. Bytes. */
const accountBytesEach = 100_000
/** By so much its heap differs from one moment to another, however few deployments there were between them. */
const heapBytes = 5_000_000

/** In sentences what has grown from the first sample to the last. */
export function growth(samples: readonly Sample[]): string[] {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || first === last) return []
  const found = (Object.keys(limits) as Measure[])
    .filter((measure) => last[measure] > first[measure] * limits[measure])
    .map((measure) => `${measure} grew from ${first[measure]} to ${last[measure]}.`)
  const grown = last.accountBytes - first.accountBytes
  const deployments = last.deployments - first.deployments
  if (grown > deployments * accountBytesEach + heapBytes)
    found.push(
      `The local AWS kept ${Math.round(grown / deployments)} bytes of each deployment, more than ${accountBytesEach}.`,
    )
  return found
}
