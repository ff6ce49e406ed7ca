import { PutLifecycleHookCommand, type PutLifecycleHookCommandInput } from '@aws-sdk/client-auto-scaling'
import type { Scene } from './scene.ts'

type Settings = Partial<PutLifecycleHookCommandInput>

/** The hook `boot` holds every instance that the group launches. */
export const putLaunchHook = ({ place }: Scene, AutoScalingGroupName: string, settings: Settings = {}) =>
  place.autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName,
      LifecycleHookName: 'boot',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      ...settings,
    }),
  )

/** The hook `end` holds every instance that Auto Scaling would terminate. */
export const putTerminationHook = (scene: Scene, group: string, settings: Settings = {}) =>
  putLaunchHook(scene, group, {
    LifecycleHookName: 'end',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    ...settings,
  })
