import type { Pair } from '../aws/groups.ts'
import type { Deployment } from '@switchover/contract/deployment'

/** The pair as it is going to be once a parked deployment is finished: what comes after can be checked before. */
export function finished(pair: Pair, earlier: Pick<Deployment, 'stage' | 'old' | 'new'>): Pair {
  const old = earlier.stage === 'kept' ? earlier.new : earlier.old
  const [first, second] = pair.groups.map(({ raw, group }) => {
    if (group.name !== old.name) return { raw, group }
    const instances = group.instances.filter(({ lifecycle }) => !lifecycle.endsWith('Standby'))
    const suspended = group.suspended.filter((process) => !old.written.suspended.includes(process))
    return { raw, group: { ...group, min: 0, desired: 0, instances, suspended } }
  })
  return first && second ? { ...pair, groups: [first, second] } : pair
}
