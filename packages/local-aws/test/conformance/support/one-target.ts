import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  type ModifyTargetGroupCommandInput,
  type TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetGroup } from './balancing.ts'
import type { Scene } from './scene.ts'

type Options = Parameters<typeof targetGroup>[1]

/** An instance and a target group behind a listener that it is not in. Its server answers when this returns. */
export async function oneTarget(scene: Scene, options: Options = {}) {
  const { elb } = scene.place
  const TargetGroupArn = await targetGroup(scene, options)
  const { name, ids } = await scene.group({ DesiredCapacity: 1 })
  const [Id = ''] = ids
  // Nobody tells when the server has started: Linux and Python are done in two minutes.
  await scene.place.advance(120)
  const one = (Port?: number) => ({ TargetGroupArn, Targets: [{ Id, Port }] })
  const health = async (Port?: number): Promise<TargetHealth> => {
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand(one(Port)))
    return TargetHealthDescriptions?.[0]?.TargetHealth ?? {}
  }
  const state = async (Port?: number) => (await health(Port)).State
  return {
    TargetGroupArn,
    Id,
    group: name,
    health,
    state,
    register: (Port?: number) => elb.send(new RegisterTargetsCommand(one(Port))),
    deregister: (Port?: number) => elb.send(new DeregisterTargetsCommand(one(Port))),
    change: (settings: Omit<ModifyTargetGroupCommandInput, 'TargetGroupArn'>) =>
      elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, ...settings })),
    /** Waits for a state. Returns the seconds it took. */
    reach: async (wanted: string, limitS = 300): Promise<number> => {
      const from = scene.place.now()
      await scene.until(wanted, async () => (await state()) === wanted, limitS)
      return (scene.place.now() - from) / 1_000
    },
  }
}
