import { ImdsError, type Imds } from '../../src/imds.ts'
import type { Machine } from './machine.ts'

/** The metadata service of a machine in memory. */
export function metadataOf(machine: Machine): Imds {
  return {
    get: async (path) => {
      machine.asked.push(path)
      const { imds } = machine.faults
      if (imds === 404) return null
      if (typeof imds === 'number') throw new ImdsError(imds, path)
      if (imds) throw new Error('fetch failed')
      if (path === 'meta-data/autoscaling/target-lifecycle-state') return machine.target
      if (path === 'meta-data/spot/instance-action') return notice(machine.interruption)
      if (path === 'meta-data/events/recommendations/rebalance') return notice(machine.rebalance)
      return '{"instanceId":"i-0123456789abcdef0","region":"us-east-1","accountId":"123456789012"}'
    },
  }
}

function notice(body: object | null): string | null {
  return body && JSON.stringify(body)
}
