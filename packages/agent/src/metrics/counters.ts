import type { Family, Labels } from './exposition.ts'

const help = {
  switchover_agent_turns_total: 'Turns of the loop: looks at the machine, each with a decision.',
  switchover_agent_steps_total: 'Steps carried out, by kind and outcome.',
  switchover_agent_health_samples_total: 'Looks at the health of the app, by result.',
  switchover_agent_pull_bytes_total: 'Bytes of images downloaded by the engine for the agent.',
  switchover_agent_aws_calls_total:
    'Calls of AWS, by service and operation; retries of the SDK are part of a call.',
  switchover_agent_aws_errors_total: 'Calls of AWS that failed, by service, operation and class.',
  switchover_agent_imds_requests_total: 'Questions to the instance metadata service.',
  switchover_agent_imds_errors_total: 'Questions to the instance metadata service that failed, by class.',
  switchover_agent_http_requests_total: 'Requests to the endpoint, by path and code.',
  switchover_agent_http_turned_away_total:
    'Connections ended to make room for others, or because they took too long.',
} as const

export type CounterName = keyof typeof help

/** Those without labels begin at 0, so that the first one counted shows as a rise. */
const plain: readonly CounterName[] = [
  'switchover_agent_turns_total',
  'switchover_agent_pull_bytes_total',
  'switchover_agent_imds_requests_total',
  'switchover_agent_http_turned_away_total',
]

/**
 * What was counted since the agent started. A label's value is always one of a few that the sources name: nothing that
 * comes from outside becomes one.
 */
export class Counters {
  readonly #rows = new Map<string, { name: CounterName; labels: Labels; value: number }>()

  constructor() {
    for (const name of plain) this.add(name, {}, 0)
  }

  add(name: CounterName, labels: Labels = {}, by = 1): void {
    const key = `${name} ${JSON.stringify(labels)}`
    const row = this.#rows.get(key)
    if (row) row.value += by
    else this.#rows.set(key, { name, labels, value: by })
  }

  families(): Family[] {
    const rows = [...this.#rows.values()]
    return Object.entries(help).map(([name, text]) => ({
      name,
      help: text,
      type: 'counter',
      rows: rows.filter((row) => row.name === name).map(({ labels, value }) => ({ labels, value })),
    }))
  }
}
