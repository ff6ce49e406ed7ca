import type { Lease } from '@switchover/contract/deployment'
import type { Step } from '../../decide/step.ts'
import type { World } from '../../decide/world.ts'
import type { Sight } from './sight.ts'
import { sightOfWorld } from './sight-of-world.ts'

type Watched = Readonly<{ world: World; step: Step; lease: Lease | null }>

/** What is so already, and said as such. */
const told: ReadonlySet<Step['kind']> = new Set(['wait', 'mark-switched', 'mark-covered', 'mark-short'])

/** Somebody else's deployment: what it waits for is known from its world, what it does only once it is done. */
export function sightOfWatch({ world, step, lease }: Watched): Sight {
  const sight = sightOfWorld({ world, step })
  const { service, goal } = world.deployment
  if (lease === null || lease.expiresAt <= world.now) {
    const holder = `Nobody acts on it: switchover resume ${service} goes on with the ${goal}.`
    return { ...sight, holder, doing: null }
  }
  // The owner is `alice@laptop 4711` and what makes it unique.
  const holder = `${lease.owner.split(' ').slice(0, 2).join(' ')} acts on it.`
  const doing =
    sight.doing && (told.has(step.kind) ? sight.doing : { ...sight.doing, text: `Next: ${sight.doing.text}` })
  return { ...sight, holder, doing }
}
