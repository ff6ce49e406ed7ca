import { parseReport, type Report } from '@switchover/contract/report'
import type { ContainerScene } from '@switchover/rehearsal/container-scene'
import { eventually } from './wait.ts'
import { ask, watch, type Answer, type Watch } from './watch.ts'

/** Longer than anything that is done on a machine here. */
const shellLimitMs = 300_000

export type Container = { id: string; imageId: string; startedAt: number }

/** A machine as an operator sees it: from the network, and from a shell on it. */
export class Instance {
  readonly id: string
  readonly ip: string
  readonly #scene: ContainerScene

  constructor(scene: ContainerScene, id: string, ip: string) {
    this.#scene = scene
    this.id = id
    this.ip = ip
  }

  get app(): string {
    return `http://${this.ip}:${this.#scene.appPort}/`
  }

  readyz(): Promise<Answer> {
    return ask(this.#agent('readyz'))
  }

  watchReadyz(everyMs?: number): Watch {
    return watch(this.#agent('readyz'), everyMs)
  }

  watchApp(): Watch {
    return watch(this.app)
  }

  /** The report at `/status`. */
  async status(): Promise<Report> {
    const { body } = await ask(this.#agent('status'))
    const read = parseReport(body)
    if (!read.ok) throw new Error(`${read.problem} ${body}`)
    return read.report
  }

  /** Code of what `/status` says is in the way, also before the machine knows which instance it is; null for nothing. */
  async reasonCode(): Promise<string | null> {
    const { body } = await ask(this.#agent('status'))
    const { reason } = JSON.parse(body) as { reason: { code: string } | null }
    return reason?.code ?? null
  }

  untilReady(): Promise<Answer> {
    return eventually(`${this.id} is ready`, async () => {
      const answer = await this.readyz()
      if (answer.code !== 200) throw new Error(`${answer.code} ${answer.body}`)
      return answer
    }).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await this.journal()}`)
    })
  }

  /** What a command printed. @throws {Error} with what it complained of, where it fails or hangs. */
  async sh(script: string): Promise<string> {
    const result = await this.#scene.machines.exec(this.id, ['bash', '-euc', script], shellLimitMs)
    if (result.exitCode !== 0) throw new Error(`${script}: ${result.stderr || result.stdout}`)
    return result.stdout.trim()
  }

  /** Where the agent's journal ends now. */
  async endOfJournal(): Promise<string> {
    const shown = await this.sh('journalctl --unit=switchover-agent --lines=1 --quiet --show-cursor')
    return /^-- cursor: (.+)$/m.exec(shown)?.[1] ?? ''
  }

  /**
   * Kills the agent each time its journal has lines that match the patterns of one of `moments`, in turn. A shell on the
   * machine does it, for a phase lasts no longer than it must; nothing that was written after `since` is missed.
   */
  async killAt(moments: readonly (readonly string[])[], since: string): Promise<void> {
    const follow = `journalctl --unit=switchover-agent --follow --no-tail --after-cursor='${since}' --output=cat`
    const kill = 'systemctl kill --kill-whom=main --signal=KILL switchover-agent'
    const steps = moments.flatMap((lines) => [...lines.map((line) => `until_line '${line}'`), kill])
    await this.sh(`
      coproc tail { ${follow}; }
      until_line() {
        while IFS= read -r -t 120 line <&"\${tail[0]}"; do [[ ! $line =~ $1 ]] || return 0; done
        { echo "no line $1"; journalctl --unit=switchover-agent --lines=30; } >&2
        return 1
      }
      ${steps.join('\n      ')}
      kill "$tail_PID"`)
  }

  /** Makes it a machine on which no agent ever ran and nothing was ever pulled; the agent is stopped afterwards. */
  async forget(): Promise<void> {
    await this.sh(`
      systemctl stop switchover-agent.socket switchover-agent.service
      docker ps --all --quiet | xargs --no-run-if-empty docker rm --force >/dev/null
      docker images --all --quiet | sort --unique | xargs --no-run-if-empty docker rmi --force >/dev/null
      docker network prune --force >/dev/null
      rm -rf /var/lib/switchover/* /var/cache/switchover/* /opt/app ~/.docker
      sync`)
  }

  /** The agent's journal of this boot. */
  journal(): Promise<string> {
    return this.#scene.machines.journal(this.id, { unit: 'switchover-agent' })
  }

  /** The one container of the compose service `web`. */
  async container(): Promise<Container> {
    const ids = await this.sh(
      'docker ps --all --quiet --no-trunc --filter label=com.docker.compose.service=web',
    )
    const row = await this.sh(`docker inspect --format '{{.Id}} {{.Image}} {{.State.StartedAt}}' ${ids}`)
    const [id = '', imageId = '', startedAt = '', ...more] = row.split(/\s/)
    if (more.length > 0) throw new Error(`The service has more than one container: ${row}`)
    return { id, imageId, startedAt: Date.parse(startedAt) }
  }

  /** Names this start of the machine. */
  boot(): Promise<string> {
    return this.sh('cat /proc/sys/kernel/random/boot_id')
  }

  #agent(path: string): string {
    return `http://${this.ip}:${this.#scene.agentPort}/${path}`
  }
}
