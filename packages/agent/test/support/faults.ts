/** What fails at the moment. */
type Faults = {
  aws: boolean
  /** Away, or answering everything with this status. */
  imds: boolean | number
  registry: string | null
  engine: boolean
  /** The engine takes questions and gives no answers. */
  engineHangs: boolean
  compose: boolean
  /** An app takes its time to stop. */
  slowStops: boolean
  /** The engine does not even begin to answer. */
  silentPulls: boolean
  /** The engine begins a layer and never ends it. */
  endlessPulls: boolean
  /** Compressed bytes a pull brings before the registry's fault. */
  layerBytes: number
}

export function noFaults(): Faults {
  return {
    aws: false,
    imds: false,
    registry: null,
    engine: false,
    engineHangs: false,
    compose: false,
    slowStops: false,
    silentPulls: false,
    endlessPulls: false,
    layerBytes: 0,
  }
}
