import type { Deployment } from '@switchover/contract/deployment'
import type { Rule } from './ladder.ts'
import { switchBegun } from './fleet.ts'
import type { World } from './world.ts'

/** Processes by which a group acts on its policies and schedules. */
export const actingProcesses = ['AlarmNotification', 'ScheduledActions'] as const

type Sides = Pick<Deployment, 'old' | 'new'> & Pick<Deployment['flags'], 'scaling'>

/**
 * Under swap both groups own the same policies and schedules, and the idle one is kept from acting on them: what it was
 * kept from and the live one was not, the two exchange with the traffic.
 */
export function exchanged({ scaling, old, new: fresh }: Sides): string[] {
  if (scaling !== 'swap') return []
  const [live, idle] = [old.before.suspended, fresh.before.suspended]
  return actingProcesses.filter((process) => idle.includes(process) && !live.includes(process))
}

export function sidesOf({ deployment }: Pick<World, 'deployment'>): Sides {
  const { old, new: fresh, flags } = deployment
  return { scaling: flags.scaling, old, new: fresh }
}

/** The new group reacts before the old one stops to. */
export const wakeNewGroup: Rule = (world) => {
  if (switchBegun(world)) return null
  const processes = exchanged(sidesOf(world)).filter((process) => world.new.suspended.includes(process))
  if (processes.length === 0) return null
  const why = `${world.new.name} acts on its own policies and schedules from now on, in place of ${world.old.name}.`
  return { kind: 'resume', group: world.new.name, processes, why }
}

/** What we woke sleeps again, once the old group reacts. */
export const quietNewGroup: Rule = (world) => {
  const processes = world.deployment.new.written.resumed.filter(
    (process) => !world.new.suspended.includes(process),
  )
  if (processes.length === 0) return null
  const why = `${world.old.name} acts on its policies and schedules again, in place of ${world.new.name}.`
  return { kind: 'suspend', group: world.new.name, processes, why }
}
