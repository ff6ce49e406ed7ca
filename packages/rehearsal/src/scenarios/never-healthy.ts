import { service } from '../account.ts'
import { ends, idleEmptyAgain, liveUntouched } from './expectations.ts'
import type { Scenario } from './scenario.ts'

export const neverHealthy: Scenario = {
  name: 'never-healthy',
  summary: 'the app of the new version starts and fails its health check for ever',
  breaks:
    'The app of v2 starts and never answers its health check with 200. What may still heal is waited for until the time is over, which here is shorter than half an hour.',
  v2: 'never healthy',
  expects: [
    {
      text: 'Deploy fails with exit code 1 when its time is over, and says what the instances lack.',
      ...ends('deploy', 1, /was not ready to take over within .*still waiting for i-/),
    },
    {
      text: 'Not one request reaches v2.',
      look: ({ traffic }) => ({
        ok: (traffic.byVersion['v1'] ?? 0) > 0 && traffic.byVersion['v2'] === undefined,
        seen: JSON.stringify(traffic.byVersion),
      }),
    },
    liveUntouched,
    idleEmptyAgain,
  ],
  play: (drill) => drill.run(['deploy', service, 'v2', '--timeout', drill.patience]),
}
