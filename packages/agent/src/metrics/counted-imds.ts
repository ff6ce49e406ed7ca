import { ImdsError, type Imds } from '../imds.ts'
import type { Counters } from './counters.ts'

/** The same metadata service, with its answers counted. */
export function countedImds(imds: Imds, counters: Counters): Imds {
  return {
    get: async (path, signal) => {
      counters.add('switchover_agent_imds_requests_total')
      try {
        return await imds.get(path, signal)
      } catch (error) {
        counters.add('switchover_agent_imds_errors_total', { class: classOf(error) })
        throw error
      }
    },
  }
}

function classOf(error: unknown): string {
  if (!(error instanceof ImdsError)) return 'unreachable'
  if ([401, 403, 429].includes(error.status)) return String(error.status)
  return error.status >= 500 ? '5xx' : 'other'
}
