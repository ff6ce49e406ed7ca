import { service } from '../account.ts'
import { ends, greenServesBlueParked, withCommand } from './expectations.ts'
import type { Scenario } from './scenario.ts'

export const coordinatorKilled: Scenario = {
  name: 'coordinator-killed',
  summary: 'the coordinator is killed in the middle of the switch',
  breaks:
    'The process of deploy gets SIGKILL at the moment it parks the old instances. What it did and meant to do is in its record; its lease of 10 seconds stands until it runs out.',
  expects: [
    {
      text: 'Deploy dies without a word.',
      look: (seen) =>
        withCommand(seen, 'deploy', ({ exitCode, text }) => ({
          ok: exitCode === null,
          seen: exitCode === null ? `killed after "${text}"` : `exit code ${exitCode}: ${text}`,
        })),
    },
    {
      text: 'Resume waits until the lease has run out, takes over and ends with exit code 0.',
      ...ends('resume', 0),
    },
    greenServesBlueParked,
  ],
  play: async (drill) => {
    const killer = new AbortController()
    await drill.run(['deploy', service, 'v2', '--lease', '10s'], {
      kill: killer.signal,
      strike: {
        when: (event) => event.event === 'step' && event.step === 'enter-standby',
        act: () => {
          killer.abort()
          drill.broke('The coordinator is killed.')
        },
      },
    })
    await drill.run(['resume', service])
  },
}
