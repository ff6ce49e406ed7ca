import { reportSchema } from '@switchover/contract/report'
import type { Cloud } from '@switchover/local-aws/cloud'
import { VirtualMachine } from '@switchover/local-aws/instances/virtual/machine'
import { service } from '@switchover/rehearsal/account'
import type { LiveService } from '../support/live-service.ts'

const everyMs = 10
const agentPort = 8_090

/** How many instances serve: healthy in the load balancer, and running an image that belongs to a version. */
export class CapacityWatch implements Disposable {
  readonly #cloud: Cloud
  readonly #targetGroupArn: string
  /** A machine runs one image for its life. */
  readonly #digests = new Map<string, string>()
  readonly #known: ReadonlySet<string>
  readonly #timer: NodeJS.Timeout
  least: number

  private constructor({ cloud, targetGroupArn }: LiveService, known: ReadonlySet<string>) {
    this.#cloud = cloud
    this.#targetGroupArn = targetGroupArn
    this.#known = known
    this.least = this.#serving()
    this.#timer = setInterval(() => this.look(), everyMs)
  }

  static async of(live: LiveService): Promise<CapacityWatch> {
    const manifests = await Promise.all(
      ['v1', 'v2'].map((version) => live.cloud.images.manifest(service, version)),
    )
    return new CapacityWatch(live, new Set(manifests.flatMap((manifest) => manifest?.digest ?? [])))
  }

  look(): void {
    this.least = Math.min(this.least, this.#serving())
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #serving(): number {
    const { targets } = this.#cloud.loadBalancing.targetGroup(this.#targetGroupArn)
    return [...targets].filter(([id, { state }]) => state === 'healthy' && this.#runsAVersion(id)).length
  }

  #runsAVersion(id: string): boolean {
    const digest = this.#digests.get(id) ?? this.#ask(id)
    if (digest !== undefined) this.#digests.set(id, digest)
    return digest !== undefined && this.#known.has(digest)
  }

  /** What the machine's own agent says at its endpoint. */
  #ask(id: string): string | undefined {
    const machine = this.#cloud.ec2.instance(id)?.machine
    const answer = machine instanceof VirtualMachine ? machine.answer(agentPort, '/status') : null
    return answer ? reportSchema.parse(JSON.parse(answer.body)).images[0]?.digest : undefined
  }
}
