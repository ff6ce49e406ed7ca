import { nextCommand, summarise } from '../../status/format.ts'
import type { InstanceStatus, ServiceStatus } from '../../status/model.ts'
import type { AgentSight, InstanceSight, Sight } from './sight.ts'

/** A service on which nothing is under way. @param now by the store's clock, as far as it is known */
export function sightOfStatus(status: ServiceStatus, now: number): Sight {
  const { service, groups, rollback } = status
  const next = nextCommand(status)
  const words = [
    summarise(status).slice(service.length + 2),
    ...(rollback === null ? [] : [`Rollback: ${rollback.ready ? 'READY' : 'NOT READY'}.`]),
    ...(next === null ? [] : [`Next: ${next}.`]),
  ]
  return {
    service,
    what: '',
    begunAt: null,
    switchedAt: null,
    predicted: null,
    failure: null,
    groups: groups.map(({ name, role, version, min, max, desired, instances }) => ({
      name,
      role,
      version,
      min,
      max,
      desired,
      ready: null,
      instances: instances.map(instanceSight).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    })),
    doing: { text: words.join(' '), until: null },
    holder: null,
    now,
  }
}

function instanceSight({ id, lifecycle, loadBalancer, machine, report }: InstanceStatus): InstanceSight {
  const [, state, reason = null] = /^(\S+)(?: \((.*)\))?$/.exec(loadBalancer ?? '') ?? []
  return {
    id,
    lifecycle,
    unhealthy: false,
    balancer: state === undefined ? null : { state, reason, in: null },
    agent: report === null ? null : agentSight(report),
    machine: machine === null || machine === 'running' ? null : machine,
  }
}

function agentSight({ phase, reason }: NonNullable<InstanceStatus['report']>): AgentSight {
  const trouble = reason === null ? null : { sentence: reason.sentence, terminal: reason.kind === 'terminal' }
  return { phase, since: null, saidAt: null, trouble, progress: null }
}
