import type { Cloud } from '../../src/parts.ts'
import type { Machine } from './machine.ts'

const afterHook: Readonly<Record<string, string>> = {
  'Pending:Wait': 'InService',
  'Warmed:Pending:Wait': 'Warmed:Running',
  'Terminating:Wait': 'Terminating:Proceed',
}

/** The AWS around a machine in memory. */
export function cloudOf(machine: Machine): Cloud {
  const aws = async <T>(answer: () => T): Promise<T> => {
    if (machine.faults.aws) throw new Error('aws is away')
    return answer()
  }
  const called = (call: string): boolean => {
    machine.calls.push(call)
    const { lifecycleState } = machine
    if (call.startsWith('CONTINUE')) machine.lifecycleState = afterHook[lifecycleState] ?? lifecycleState
    return true
  }
  return {
    membership: () =>
      aws(() => (machine.member ? { group: 'web-blue', lifecycleState: machine.lifecycleState } : null)),
    groupTags: () => aws(() => machine.tags),
    bundles: () => ({
      checksum: () => aws(() => machine.bundle.sha256),
      tarball: () => aws(() => machine.bundle.tarball),
    }),
    hooks: {
      list: (_, transition) =>
        aws(() =>
          machine.hooks
            .filter((name) => transition.endsWith(name))
            .map((name) => ({ name, heartbeatTimeoutMs: 60_000 })),
        ),
      heartbeat: (_, name) => aws(() => called(`heartbeat ${name}`)),
      complete: (_, name, __, result) => aws(() => called(`${result} ${name}`)),
    },
    reports: { put: (_, report) => aws(() => void machine.reports.push(report)) },
    logins: { for: () => Promise.resolve(null), forget: () => undefined },
    layerSizes: () => Promise.resolve(machine.layerSizes),
  }
}
