import { systemClock } from '../clock.ts'
import { exchange } from '../exchange.ts'
import { errorText } from '../failure.ts'
import { statusSchema } from '../status-answer.ts'
import type { CommandResult } from './result.ts'
import { statusWords } from './status-words.ts'

const answerMs = 10_000

/** Asks the running agent about this instance: 0 where it is ready, 1 where it is not, 2 where no agent answers. */
export async function status(port: number, json: boolean): Promise<CommandResult> {
  let body: string
  try {
    const signal = systemClock.deadline(answerMs)
    body = (await exchange(`http://127.0.0.1:${port}/status`, { signal })).body
  } catch (error) {
    return silent(port, errorText(error))
  }
  const read = statusSchema.safeParse(parseJson(body))
  if (!read.success) {
    return silent(port, 'what answers there is no agent of this version')
  }
  const exitCode = read.data.ready ? 0 : 1
  return {
    exitCode,
    out: json
      ? body
      : `${statusWords(read.data, systemClock.wall(systemClock.now()).getTime()).join('\n')}\n`,
    err: '',
  }
}

function silent(port: number, why: string): CommandResult {
  const err =
    `No agent answers on port ${port} (${why}); the app and the load balancer are not touched by asking.\n` +
    'Next: systemctl status switchover-agent, then journalctl -u switchover-agent\n'
  return { exitCode: 2, out: '', err }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
