import {
  DescribeScheduledActionsCommand,
  PutScheduledUpdateGroupActionCommand,
  type PutScheduledUpdateGroupActionCommandInput,
  type ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling'
import type { Scene } from './scene.ts'

export type Action = Partial<PutScheduledUpdateGroupActionCommandInput>

/** A moment so many seconds from now, on a whole second as schedules keep it. */
export function inSeconds({ place }: Scene, seconds: number): Date {
  return new Date(Math.ceil(place.now() / 1_000) * 1_000 + seconds * 1_000)
}

export async function putAction(
  { place }: Scene,
  AutoScalingGroupName: string,
  action: Action,
  ScheduledActionName = 'morning',
): Promise<void> {
  const put = { AutoScalingGroupName, ScheduledActionName, ...action }
  await place.autoScaling.send(new PutScheduledUpdateGroupActionCommand(put))
}

export async function actionsOf(
  { place }: Scene,
  AutoScalingGroupName: string,
): Promise<ScheduledUpdateGroupAction[]> {
  const asked = new DescribeScheduledActionsCommand({ AutoScalingGroupName })
  return (await place.autoScaling.send(asked)).ScheduledUpdateGroupActions ?? []
}
