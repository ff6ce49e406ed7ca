import {
  BatchPutScheduledUpdateGroupActionCommand,
  CreateOrUpdateTagsCommand,
  DeletePolicyCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  PutScalingPolicyCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { digestTagKey, tagKey } from '@switchover/contract/tags'
import type { Interference } from './interference.ts'
import { groupNames, type GroupName, type Hand } from './plan.ts'
import type { Scene } from './scene.ts'

type Hands = { [K in Hand['kind']]: (hand: Extract<Hand, { kind: K }>) => Promise<unknown> }

/**
 * Does one thing by hand, as a person with the AWS CLI would.
 * @returns what was done, or what AWS refused it with.
 */
export async function lendHand(scene: Scene, interference: Interference, hand: Hand): Promise<string> {
  const act = handsOf(scene, interference)[hand.kind] as (hand: Hand) => Promise<unknown>
  const { when: _, ...what } = hand
  const said = JSON.stringify(what)
  try {
    await act(hand)
    return said
  } catch (error) {
    return `${said}: ${(error as Error).message}`
  }
}

function handsOf(scene: Scene, interference: Interference): Hands {
  const { cloud, clients, digests } = scene
  const { autoScaling } = clients
  const group = (name: string) => cloud.autoScaling.group(name)
  const now = () => cloud.clock.now()
  const ids = (name: string, state: string) =>
    [...group(name).members.values()].filter(({ lifecycle }) => lifecycle === state).map(({ id }) => id)
  const one = (name: string, state: string, pick: number) => {
    const all = ids(name, state)
    return all[pick % Math.max(1, all.length)]
  }

  async function scaleTo(name: GroupName, desired: number): Promise<void> {
    const smaller = desired < group(name).desired
    await autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: name, DesiredCapacity: desired }),
    )
    interference.touch(name, 'sizes')
    if (smaller) interference.wanted = Math.min(interference.wanted, desired)
  }

  /** Takes an instance in `state` out of service, if there is one. */
  async function take(
    { group: name, pick }: Readonly<{ group: GroupName; pick: number }>,
    state: string,
    send: (InstanceIds: string[]) => Promise<unknown>,
  ): Promise<void> {
    const id = one(name, state, pick)
    if (id === undefined) return
    interference.touch(name, 'instances')
    interference.harm(id, now())
    await send([id])
  }

  return {
    scale: ({ group: name, by }) => scaleTo(name, group(name).desired + by),
    async size({ group: name, min, max, desired }) {
      await autoScaling.send(
        new UpdateAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          MinSize: min,
          MaxSize: max,
          DesiredCapacity: desired,
        }),
      )
      interference.touch(name, 'sizes')
      interference.mins.add(min)
      interference.maxes.add(max)
      interference.wanted = Math.min(interference.wanted, desired)
    },
    async suspend({ group: name, process }) {
      interference.processes.add(process)
      await autoScaling.send(
        new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: [process] }),
      )
    },
    async resume({ group: name, process }) {
      interference.processes.add(process)
      await autoScaling.send(
        new ResumeProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: [process] }),
      )
    },
    async 'put-policy'({ group: AutoScalingGroupName }) {
      interference.policies.add('by-hand')
      await autoScaling.send(
        new PutScalingPolicyCommand({
          AutoScalingGroupName,
          PolicyName: 'by-hand',
          PolicyType: 'SimpleScaling',
          AdjustmentType: 'ChangeInCapacity',
          ScalingAdjustment: 1,
        }),
      )
    },
    async 'delete-policy'({ group: AutoScalingGroupName }) {
      interference.policies.add('cpu')
      await autoScaling.send(new DeletePolicyCommand({ AutoScalingGroupName, PolicyName: 'cpu' }))
    },
    async retag({ group: name }) {
      const tags = { [tagKey.version]: 'v9', [digestTagKey('')]: digests.v9 }
      for (const key of Object.keys(tags)) interference.tags.add(key)
      await autoScaling.send(
        new CreateOrUpdateTagsCommand({
          Tags: Object.entries(tags).map(([Key, Value]) => ({
            ResourceId: name,
            ResourceType: 'auto-scaling-group',
            Key,
            Value,
            PropagateAtLaunch: false,
          })),
        }),
      )
    },
    terminate: (hand) =>
      take(hand, 'InService', ([InstanceId]) =>
        autoScaling.send(
          new TerminateInstanceInAutoScalingGroupCommand({
            InstanceId,
            ShouldDecrementDesiredCapacity: false,
          }),
        ),
      ),
    detach: (hand) =>
      take(hand, 'InService', (InstanceIds) => {
        for (const id of InstanceIds) interference.detached.add(id)
        return autoScaling.send(
          new DetachInstancesCommand({
            AutoScalingGroupName: hand.group,
            InstanceIds,
            ShouldDecrementDesiredCapacity: false,
          }),
        )
      }),
    standby: (hand) =>
      take(hand, 'InService', (InstanceIds) =>
        autoScaling.send(
          new EnterStandbyCommand({
            AutoScalingGroupName: hand.group,
            InstanceIds,
            ShouldDecrementDesiredCapacity: true,
          }),
        ),
      ),
    return: (hand) =>
      take(hand, 'Standby', (InstanceIds) =>
        autoScaling.send(new ExitStandbyCommand({ AutoScalingGroupName: hand.group, InstanceIds })),
      ),
    async protect({ group: name, pick }) {
      const id = one(name, 'InService', pick)
      if (id === undefined) return
      await autoScaling.send(
        new SetInstanceProtectionCommand({
          AutoScalingGroupName: name,
          InstanceIds: [id],
          ProtectedFromScaleIn: true,
        }),
      )
    },
    async schedule({ group: name, inMs, min, desired }) {
      interference.schedule('soon', min)
      interference.wanted = Math.min(interference.wanted, desired)
      await autoScaling.send(
        new BatchPutScheduledUpdateGroupActionCommand({
          AutoScalingGroupName: name,
          ScheduledUpdateGroupActions: [
            {
              ScheduledActionName: 'soon',
              StartTime: new Date(now() + inMs),
              MinSize: min,
              DesiredCapacity: desired,
            },
          ],
        }),
      )
    },
    async ring({ alarm: ringing }) {
      const alarm = cloud.cloudWatch.alarms.get(ringing)
      if (!alarm) return
      if (ringing === 'busy') for (const name of groupNames) interference.touch(name, 'sizes')
      cloud.cloudWatch.setState(alarm, alarm.state === 'ALARM' ? 'OK' : 'ALARM', 'Load.', null)
    },
  }
}
