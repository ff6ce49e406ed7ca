import { recordIn } from '../truth.ts'
import type { Rule, Subject } from './rule.ts'

/** Rule 6: whatever changes AWS is sent by the holder of the lease. The record's own writes are guarded by their condition. */
export function leaseRule({ scene }: Subject): Rule {
  return {
    name: '6, two coordinators never both act',
    sent({ owner, call }) {
      if (call.operation === 'PutObject') return null
      const lease = recordIn(scene)?.lease
      const holder = lease && lease.expiresAt > scene.time.now() ? lease.owner : null
      return holder === owner
        ? null
        : `${owner} sends ${call.operation} while ${holder ?? 'nobody'} holds the lease.`
    },
  }
}
