import { type GroupState, groupNames } from '../account.ts'
import type { Sighting } from '../observer.ts'
import type { EndedCommand, Seen } from './scenario.ts'

const [blue, green] = groupNames

export function group(size: number, instances: Readonly<Record<string, string>> = {}): GroupState {
  return { min: size, max: 4, desired: size, suspended: [], tags: {}, instances: { ...instances } }
}

export const inService = (...ids: string[]): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [id, 'InService']))

export const standby = (...ids: string[]): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [id, 'Standby']))

export const ended = (
  command: string,
  exitCode: number | null,
  more: Partial<EndedCommand> = {},
): EndedCommand => ({ command, exitCode, text: 'Done.', tookMs: 40_000, switchedMs: 5_000, ...more })

const healthy = (at: number, instance: string): Sighting => ({
  at,
  instance,
  group: green,
  what: 'health',
  state: 'healthy',
})

/** Blue has two instances, and the deployment went as if nothing had happened but that it grew to three. */
export const deployed: Seen = {
  commands: [ended('deploy', 0)],
  before: { blue: group(2, inService('b1', 'b2')), green: group(0) },
  after: { blue: group(0, standby('b1', 'b2')), green: group(3, inService('g1', 'g2', 'g3')) },
  healthy: ['g1', 'g2', 'g3'],
  traffic: { sent: 10, answered: 10, byVersion: { v1: 5, v2: 5 }, failures: [], failed: 0 },
  sightings: [
    healthy(1, 'g1'),
    healthy(2, 'g2'),
    healthy(3, 'g3'),
    { at: 4, instance: 'b1', group: blue, what: 'health', state: 'draining' },
  ],
  refused: [],
  struck: [],
}

/** The deployment failed with this sentence, and all is as before. */
export function failed(text: string): Seen {
  return {
    ...deployed,
    commands: [ended('deploy', 1, { text })],
    after: deployed.before,
    healthy: ['b1', 'b2'],
    traffic: { ...deployed.traffic, byVersion: { v1: 10 } },
    sightings: [],
  }
}
