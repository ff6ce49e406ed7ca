import type { Fields } from './log.ts'
import type { Status } from './status.ts'

/** What a change of phase is found by in the journal; what is not known yet is left out. */
export function phaseFields({ phase, identity, place, wanted, reason }: Status): Fields {
  const fields = {
    SWITCHOVER_PHASE: phase,
    SWITCHOVER_INSTANCE: identity?.instanceId,
    SWITCHOVER_GROUP: place?.group,
    SWITCHOVER_SERVICE: place?.service,
    SWITCHOVER_VERSION: wanted?.version,
    SWITCHOVER_REASON: reason?.code,
  }
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
