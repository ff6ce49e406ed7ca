import { beforeAll, describe, expect, test } from 'vitest'
import { bundleCoordinator, run } from '../support/coordinator.ts'
import { explain, kill, killAtEach, type Moment, placeOf } from '../support/kill.ts'
import { type Ending, type LiveService, liveService } from '../support/live-service.ts'
import { repository } from '../support/virtual-service.ts'

/**
 * A coordinator killed before or after any call that changes something, and resumed by another, ends
 * in the same state as one that nobody killed. Every such call of every command, by real processes over the wire.
 * Renewals of the lease come by the clock and are not counted; everything else comes in the same order each time.
 */

const deploy = ['deploy', 'web', 'v2', '--image', repository]
const commands = {
  deploy: { before: [], command: deploy },
  'deploy --canary': { before: [], command: [...deploy, '--canary', '1'] },
  promote: { before: [[...deploy, '--canary', '1']], command: ['promote', 'web'] },
  rollback: { before: [deploy], command: ['rollback', 'web'] },
  finish: { before: [deploy], command: ['finish', 'web'] },
} as const
const atOnce = 6
/** So that a rollback deregisters what Auto Scaling is about to end, as it does on AWS, and does not find it done. */
const reactMs = 500
const flags = ['--yes']
/** Its victim is surely dead. What waits for a lease to run out is proved elsewhere: leases that short lapse where a machine stalls. */
const resume = ['resume', 'web', '--take-over', ...flags]

type Command = keyof typeof commands
type Reference = { calls: string[]; ending: Ending }

beforeAll(bundleCoordinator)

describe.each(Object.keys(commands) as Command[])('%s', (command) => {
  test('killed before or after any changing call, then resumed, ends as if it had not been', async () => {
    let { reference, missed } = await killedEverywhere(command)
    // The one that stalled may have been the reference, and nobody comes to what it did.
    if (missed.length > 0) ({ reference, missed } = await killedEverywhere(command))
    expect(missed).toEqual([])
    console.log(`${command}: killed before and after each of ${reference.calls.length} changing calls:`)
    console.log(`  ${reference.calls.join(' → ')}`)
  }, 900_000)
})

async function killedEverywhere(command: Command): Promise<{ reference: Reference; missed: string[] }> {
  const reference = await unkilled(command)
  const missed = await killAtEach(reference.calls, atOnce, (moment, index) =>
    killedAndResumed(command, moment, index, reference),
  )
  return { reference, missed }
}

async function unkilled(command: Command): Promise<Reference> {
  await using service = await prepared(command)
  const calls: string[] = []
  service.intercept(async ({ operation, kind }, proceed) => {
    if (kind === 'change') calls.push(operation)
    return proceed()
  })
  const ended = await run([...commands[command].command, ...flags], service.env)
  expect(ended, explain(ended)).toMatchObject({ code: 0 })
  return { calls, ending: await service.ending() }
}

async function prepared(command: Command): Promise<LiveService> {
  const service = await liveService({ instances: 3, timing: { reactMs } })
  for (const earlier of commands[command].before) {
    const ended = await run([...earlier, ...flags], service.env)
    expect(ended, explain(ended)).toMatchObject({ code: 0 })
  }
  return service
}

/** Says which call it was killed at; null where it ended before. */
async function killedAndResumed(
  command: Command,
  moment: Moment,
  index: number,
  reference: Reference,
): Promise<string | null> {
  await using service = await prepared(command)
  const args = [...commands[command].command, ...flags]
  const killedAt = await kill(service, args, moment, index)
  if (killedAt === null) return null
  const where = placeOf(moment, index, killedAt)
  const resumed = await run(resume, service.env)
  expect(resumed, `${command} killed ${where}: ${explain(resumed)}`).toMatchObject({ code: 0 })
  if (index === 0 && moment === 'before') {
    // Nothing had been written yet, so nobody knows what was wanted: the command is given again.
    const again = await run(args, service.env)
    expect(again, `${command} killed ${where}: ${explain(again)}`).toMatchObject({ code: 0 })
  }
  expect(await service.ending(), `${command} killed ${where}`).toEqual(reference.ending)
  return killedAt
}
