import { service } from '../account.ts'
import { ends, endsWithin, idleEmptyAgain, liveUntouched } from './expectations.ts'
import type { Scenario } from './scenario.ts'

export const badImage: Scenario = {
  name: 'bad-image',
  summary: 'the image of the new version is gone from the registry when instances come to pull it',
  breaks:
    'Once the deployment of v2 has begun, its image is deleted from the registry, as a lifecycle policy of ECR that is too keen would do.',
  expects: [
    {
      text: 'Deploy fails with exit code 1 and names the image that is not there.',
      ...ends('deploy', 1, /has no image|is not in the registry/),
    },
    endsWithin('deploy', 180_000),
    liveUntouched,
    idleEmptyAgain,
  ],
  play: (drill) =>
    drill.run(['deploy', service, 'v2'], {
      strike: {
        when: ({ event }) => event === 'step',
        act: () => {
          drill.breaks.loseImages()
          drill.broke('The images of web are deleted from the registry.')
        },
      },
    }),
}
