import {
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createService, type Service } from './support/service.ts'

const name = 'web-blue'

type Act =
  | { kind: 'enter' | 'exit' | 'detach' | 'terminate'; pick: number; decrement: boolean }
  | { kind: 'desire' | 'min'; size: number }
  | { kind: 'wait'; seconds: number }

const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('enter' as const, 'exit' as const, 'detach' as const, 'terminate' as const),
    pick: fc.nat(9),
    decrement: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('desire' as const, 'min' as const), size: fc.nat(5) }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 120 }) }),
)

/** Sends what a user might, sensible or not; a refusal is an answer like any other. */
async function perform({ autoScaling, clock, ids }: Service, act: Act): Promise<string | null> {
  if (act.kind === 'wait') {
    await clock.advance(act.seconds * 1_000)
    return null
  }
  const of = { AutoScalingGroupName: name }
  const known = await ids(name)
  const InstanceId =
    'pick' in act ? (known[act.pick % Math.max(1, known.length)] ?? 'i-0123456789abcdef0') : ''
  const some = { ...of, InstanceIds: [InstanceId] }
  const ShouldDecrementDesiredCapacity = 'decrement' in act && act.decrement
  const send = {
    enter: () => autoScaling.send(new EnterStandbyCommand({ ...some, ShouldDecrementDesiredCapacity })),
    exit: () => autoScaling.send(new ExitStandbyCommand(some)),
    detach: () => autoScaling.send(new DetachInstancesCommand({ ...some, ShouldDecrementDesiredCapacity })),
    terminate: () =>
      autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }),
      ),
    desire: () =>
      autoScaling.send(
        new SetDesiredCapacityCommand({ ...of, DesiredCapacity: 'size' in act ? act.size : 0 }),
      ),
    min: () =>
      autoScaling.send(new UpdateAutoScalingGroupCommand({ ...of, MinSize: 'size' in act ? act.size : 0 })),
  }[act.kind]
  try {
    await send()
    return act.kind === 'terminate' ? InstanceId : null
  } catch (error) {
    const code = (error as { Code?: string; name: string }).Code ?? (error as Error).name
    expect(['ValidationError', 'ScalingActivityInProgress']).toContain(code)
    return null
  }
}

test('whatever is asked, desired stays in its bounds, Standby is left alone, and the group comes to rest at desired', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { maxLength: 20 }), async (sequence) => {
      const service = await createService()
      await service.createGroup(name, { MaxSize: 4, DesiredCapacity: 2 })
      const { cloud, clock } = service
      for (const act of sequence) {
        const parked = [...cloud.autoScaling.group(name).members.values()]
          .filter((member) => member.lifecycle === 'Standby')
          .map((member) => member.id)
        const ended = await perform(service, act)
        const { min, max, desired, members } = cloud.autoScaling.group(name)
        expect(desired).toBeGreaterThanOrEqual(min)
        expect(desired).toBeLessThanOrEqual(max)
        if (act.kind === 'exit' || act.kind === 'detach') continue
        for (const id of parked) if (id !== ended) expect(members.get(id)?.lifecycle).toBe('Standby')
      }
      await clock.advance(900_000)
      const { members, desired } = cloud.autoScaling.group(name)
      const states = [...members.values()].map((member) => member.lifecycle)
      expect(states.filter((state) => state === 'InService')).toHaveLength(desired)
      expect(states.filter((state) => state !== 'InService' && state !== 'Standby')).toEqual([])
      const registered = [...(await service.health())]
      expect(registered.filter(([, state]) => state === 'healthy')).toHaveLength(desired)
      expect(registered).toHaveLength(desired)
    }),
    { numRuns: 40 },
  )
})
