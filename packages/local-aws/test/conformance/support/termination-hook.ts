import { PutLifecycleHookCommand } from '@aws-sdk/client-auto-scaling'
import type { Scene } from './scene.ts'

/** Holds every instance of a group that Auto Scaling would terminate. */
export async function putTerminationHook(
  { place }: Scene,
  of: { AutoScalingGroupName: string },
): Promise<void> {
  await place.autoScaling.send(
    new PutLifecycleHookCommand({
      ...of,
      LifecycleHookName: 'end',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    }),
  )
}
