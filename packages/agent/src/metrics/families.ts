import { phases } from '@switchover/contract/report'
import type { ContainerView } from '../decide/observation.ts'
import type { Status } from '../status.ts'
import { version as agentVersion } from '@switchover/contract/version'
import type { Counters } from './counters.ts'
import type { Family, Row } from './exposition.ts'

/** What is measured when somebody asks. */
export type Measured = {
  status: Status
  counters: Counters
  /** Milliseconds since the loop's last turn. */
  idleMs: number
  /** As the engine showed them last. */
  containers: readonly ContainerView[]
  now: number
}

/** All metrics of the agent. What of the outside is a label is there once: the group's tags, services of the bundle. */
export function families(measured: Measured): Family[] {
  const { status, counters, idleMs, containers } = measured
  return [
    gauge('switchover_agent_build_info', 'Version of the agent and of its Node.', [
      { labels: { version: agentVersion, node: process.versions.node }, value: 1 },
    ]),
    gauge('switchover_agent_wanted_info', 'What this instance shall run.', wantedRows(status)),
    gauge('switchover_agent_ready', '1 while /readyz answers 200.', [{ value: status.ready ? 1 : 0 }]),
    gauge(
      'switchover_agent_phase',
      '1 for the phase the instance is in.',
      phases.map((phase) => ({ labels: { phase }, value: phase === status.phase ? 1 : 0 })),
    ),
    {
      name: 'switchover_agent_phase_seconds_total',
      help: 'Time spent in each phase.',
      type: 'counter',
      rows: Object.entries(status.timings(measured.now)).map(([phase, ms]) => ({
        labels: { phase },
        value: ms / 1_000,
      })),
    },
    gauge('switchover_agent_turn_age_seconds', "Time since the loop's last turn.", [
      { value: idleMs / 1_000 },
    ]),
    gauge(
      'switchover_agent_container_restarts',
      'How often the engine restarted the containers that are there now, by compose service.',
      restartRows(containers),
    ),
    gauge(
      'switchover_agent_spot_interruption_timestamp_seconds',
      'When EC2 takes this Spot instance back, where it announced that; seconds since 1970.',
      instant(status.interruption && Date.parse(status.interruption.time)),
    ),
    gauge(
      'switchover_agent_rebalance_recommended_timestamp_seconds',
      'When EC2 recommended to replace this Spot instance, where it did; seconds since 1970.',
      instant(status.rebalanceAt),
    ),
    ...counters.families(),
    ...processFamilies(),
  ]
}

function gauge(name: string, help: string, rows: readonly Row[]): Family {
  return { name, help, type: 'gauge', rows }
}

function instant(ms: number | null): Row[] {
  return ms === null ? [] : [{ value: ms / 1_000 }]
}

function wantedRows({ wanted, place }: Status): Row[] {
  if (place === null) return []
  const { group, service } = place
  return [
    { labels: { group, service, version: wanted?.version ?? '', bundle: wanted?.bundle ?? '' }, value: 1 },
  ]
}

function restartRows(containers: readonly ContainerView[]): Row[] {
  const sums = new Map<string, number>()
  for (const { service, restarts } of containers) sums.set(service, (sums.get(service) ?? 0) + restarts)
  return [...sums].map(([service, value]) => ({ labels: { service }, value }))
}

/** Named as every Prometheus client names them. */
function processFamilies(): Family[] {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const bytes = (name: string, help: string, value: number) => gauge(name, help, [{ value }])
  return [
    bytes('process_resident_memory_bytes', 'Resident memory of the agent.', rss),
    bytes('nodejs_heap_size_used_bytes', 'Used heap.', heapUsed),
    bytes('nodejs_heap_size_total_bytes', 'Reserved heap.', heapTotal),
    bytes('nodejs_external_memory_bytes', 'Memory of buffers and the like.', external),
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the agent.',
      type: 'counter',
      rows: [{ value: (user + system) / 1_000_000 }],
    },
    gauge('process_start_time_seconds', 'When the agent started, seconds since 1970.', [
      { value: Math.round(performance.timeOrigin) / 1_000 },
    ]),
  ]
}
