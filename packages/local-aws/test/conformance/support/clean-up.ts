import { DeleteAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { DeleteLaunchTemplateCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import type { Clients } from './clients.ts'

type Task = { what: string; run: () => Promise<unknown> }

/** What a scene has made, to be taken away again in reverse order, whatever has become of the scene. */
export class CleanUp {
  readonly #tasks: Task[] = []
  /** Every instance the scene has seen: some leave their group before its end. */
  readonly instances = new Set<string>()

  add(what: string, run: () => Promise<unknown>): void {
    this.#tasks.push({ what, run })
  }

  group({ autoScaling }: Clients, AutoScalingGroupName: string): void {
    this.add(`group ${AutoScalingGroupName}`, () =>
      autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true })),
    )
  }

  template({ ec2 }: Clients, LaunchTemplateName: string): void {
    this.add(`launch template ${LaunchTemplateName}`, () =>
      ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName })),
    )
  }

  /** @throws {AggregateError} naming what is left; what is gone already is no error. */
  async run({ ec2 }: Clients): Promise<void> {
    const failures: Error[] = []
    const ends = [...this.instances].map((id) => ({
      what: `instance ${id}`,
      run: () => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
    }))
    for (const { what, run } of [...this.#tasks.toReversed(), ...ends]) {
      try {
        await run()
      } catch (error) {
        if (!isGone(error as Error)) failures.push(new Error(`${what}: ${(error as Error).message}`))
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `Left over: ${failures.map(({ message }) => message).join('; ')}`)
  }
}

function isGone({ name, message }: Error): boolean {
  return /NotFound|NoSuch/.test(name) || /not found|pending delete|does not exist/.test(message)
}
