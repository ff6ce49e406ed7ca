import { strangers } from './refused.ts'
import type { operation } from './row.ts'
import type { Scene } from './scene.ts'

/** The row of an operation that moves instances of a group, at most 20 a call. */
export const tooManyIds = (
  assumed: ReturnType<typeof operation>['assumed'],
  move: (scene: Scene, group: string, ids: string[]) => Promise<unknown>,
): void =>
  assumed(
    {
      source: 'the quota of 20 is documented, its text is that of DescribeAutoScalingInstances',
      says: 'more than 20 ids are refused',
      here: 'ValidationError The number of instance ids that may be passed in is limited to 20',
    },
    async (scene) => {
      const { name } = await scene.group()
      const ids = strangers(21)
      return await scene.words(move(scene, name, ids))
    },
  )
