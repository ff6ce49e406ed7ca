import { VirtualMachine } from '@switchover/local-aws/instances/virtual/machine'
import { AwsError } from '@switchover/local-aws/wire/operation'
import type { Interference } from './interference.ts'
import type { WorldEvent } from './plan.ts'
import type { Scene } from './scene.ts'

const noCapacity = (zone: string) =>
  new AwsError(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient t3.small capacity in the Availability Zone you requested (${zone}).`,
  )
const quotaReached = () =>
  new AwsError(
    'VcpuLimitExceeded',
    'You have requested more vCPU capacity than your current vCPU limit allows.',
  )

/** Lets things befall the service, seen by no coordinator but in what AWS says of it. */
export class Happenings {
  readonly #scene: Scene
  readonly #interference: Interference
  /** What EC2 launches not, by what began it. */
  readonly #refusals = new Set<(zone: string) => AwsError | null>()

  constructor(scene: Scene, interference: Interference) {
    this.#scene = scene
    this.#interference = interference
    scene.cloud.ec2.launchFault = ({ availabilityZone }) => {
      for (const refuse of this.#refusals) {
        const error = refuse(availabilityZone)
        if (error) return error
      }
      return null
    }
  }

  happen(event: WorldEvent): void {
    switch (event.kind) {
      case 'dies':
      case 'hangs':
      case 'spot': {
        const wanted = event.parked ? 'Standby' : 'InService'
        const { members } = this.#scene.cloud.autoScaling.group(event.group)
        const all = [...members.values()].filter(({ lifecycle }) => lifecycle === wanted)
        const id = all[event.pick % Math.max(1, all.length)]?.id
        if (id === undefined) return
        if (event.kind === 'spot') this.#takeBack(id)
        else this.#end(id, event.kind === 'dies')
        return
      }
      case 'zone-lost':
        for (const { id, availabilityZone, state } of this.#scene.cloud.ec2.instances())
          if (availabilityZone === event.zone && state !== 'terminated') this.#end(id, true)
        this.#refuse((zone) => (zone === event.zone ? noCapacity(zone) : null), event.forMs)
        return
      case 'no-launch':
        this.#refuse(event.because === 'quota' ? quotaReached : noCapacity, event.forMs)
    }
  }

  /** EC2 ends it, or its machine answers nothing any more while EC2 says that it runs. */
  #end(id: string, ended: boolean): void {
    const { cloud } = this.#scene
    this.#interference.harm(id, cloud.clock.now())
    const machine = cloud.ec2.instance(id)?.machine
    if (ended) cloud.ec2.terminate(id)
    else if (machine instanceof VirtualMachine) void machine.stop()
  }

  #takeBack(id: string): void {
    const { cloud } = this.#scene
    this.#interference.harm(id, cloud.clock.now())
    cloud.ec2.spot.interrupt(id)
  }

  #refuse(refuse: (zone: string) => AwsError | null, forMs: number): void {
    this.#interference.withheld = true
    this.#refusals.add(refuse)
    this.#scene.cloud.clock.after(forMs, () => this.#refusals.delete(refuse))
  }
}
