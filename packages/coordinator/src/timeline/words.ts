import type { BarKind } from './model.ts'

/** How bars are told apart, in letters and in words. */
export const barWords: Readonly<
  Record<BarKind, Readonly<{ letter: string; word: string; meaning: string }>>
> = {
  launch: { letter: 'l', word: 'launch', meaning: 'until EC2 runs the machine' },
  boot: { letter: 'b', word: 'boot', meaning: 'until its agent starts' },
  agent: { letter: 'a', word: 'agent', meaning: 'until it knows what to run' },
  pull: { letter: 'p', word: 'pull', meaning: 'of the image' },
  compose: { letter: 'c', word: 'compose', meaning: 'until the app answers' },
  start: { letter: 's', word: 'agent to ready', meaning: 'agent, pull and compose together' },
  health: { letter: 'h', word: 'health', meaning: 'until the load balancer sends requests' },
  service: { letter: '█', word: 'in service', meaning: 'takes requests' },
  unhealthy: { letter: 'u', word: 'unhealthy', meaning: 'in service, but sent no requests any more' },
  draining: { letter: 'd', word: 'draining', meaning: 'on its way to Standby' },
  standby: { letter: '·', word: 'standby', meaning: 'parked, running' },
  returning: { letter: 'r', word: 'returning', meaning: 'out of Standby, until it takes requests' },
  failed: { letter: 'F', word: 'failed', meaning: 'its agent gave up' },
  ending: { letter: 'x', word: 'ending', meaning: 'leaves its group' },
  unseen: { letter: '?', word: 'not seen', meaning: 'no coordinator looked' },
}
