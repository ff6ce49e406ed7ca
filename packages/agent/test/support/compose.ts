import { retryable, terminal } from '../../src/decide/reason.ts'
import type { Compose } from '../../src/engine/compose.ts'
import { Failure } from '../../src/failure.ts'
import { repository, sidecar } from './bundle.ts'
import type { Machine } from './machine.ts'

const imageOf = { web: `${repository}:live`, worker: sidecar }

/** The compose of a machine in memory. */
export function composeOf(machine: Machine): Compose {
  const { faults, calls, clock, containers } = machine
  return {
    find: async () => {
      if (machine.composeLacks !== null) throw new Failure(terminal('no-compose', machine.composeLacks))
    },
    up: async (_, __, services) => {
      calls.push(['up', ...services].join(' '))
      if (faults.compose) throw new Failure(retryable('compose-failed', 'docker compose up failed.'))
      up(machine, services)
    },
    stop: async (_, __, services) => {
      calls.push(`stop ${services.join(' ')}`.trim())
      while (faults.slowStops) await clock.sleep(1_000)
      for (const one of containers)
        if (services.length === 0 || services.includes(one.service))
          Object.assign(one, { state: 'exited', exitCode: 143 })
    },
  }
}

function up(machine: Machine, services: readonly string[]): void {
  for (const [service, name] of Object.entries(imageOf)) {
    if (services.length > 0 && !services.includes(service)) continue
    const imageId = machine.images.get(name) ?? 'none'
    if (machine.container(service)?.imageId !== imageId) machine.remove(service)
    const before = machine.container(service)
    if (before) Object.assign(before, { state: 'running', exitCode: 0 })
    else
      machine.containers.push({
        id: `${service}-1`,
        service,
        imageId,
        state: 'running',
        health: machine.health,
        exitCode: 0,
        runningMs: 60_000,
        oneShot: false,
        restarts: 0,
      })
  }
}
