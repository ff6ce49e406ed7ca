import { beforeAll, describe, expect, test } from 'vitest'
import { bundleCoordinator, type Ended, run } from '../support/coordinator.ts'
import { explain, kill, killAtEach, type Moment, placeOf } from '../support/kill.ts'
import { leaveBehind, lowerMin } from '../support/leave-behind.ts'
import { type Ending, type LiveService, liveService } from '../support/live-service.ts'
import { repository } from '../support/virtual-service.ts'
import { until } from '../support/until.ts'

/** `status`, `history` and `doctor` as processes over the wire, on virtual instances with our agent's reports. */

const flags = ['--yes']
/** Who comes after one that was killed waits for its lease. */
const fix = ['doctor', 'web', '--fix', '--lease', '2s', ...flags]
const atOnce = 4
const limitMs = 120_000

beforeAll(bundleCoordinator)

type Found = { code: string; severity: string }

function details(ended: Ended): Record<string, unknown> {
  const last = ended.events.at(-1)
  if (last?.event !== 'result') throw new Error(`No result: ${explain(ended)}`)
  return last.details
}

function codes(ended: Ended): string[] {
  const findings = details(ended)['findings'] as Found[]
  return findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code)
}

async function done(service: LiveService, ...args: string[]): Promise<Ended> {
  const ended = await run(args, service.env)
  expect(ended, explain(ended)).toMatchObject({ code: 0 })
  return ended
}

test('parked agents keep a rollback READY, and what ended is history', async () => {
  await using service = await liveService({ instances: 2 })
  await done(service, 'deploy', 'web', 'v2', '--image', repository, ...flags)
  const status = await run(['status', 'web'], service.env)
  expect(details(status)['rollback']).toMatchObject({ ready: true, reasons: [], estimateMs: 8_000 })
  expect(details(await done(service, 'history', 'web'))['deployments']).toEqual([])
  expect(codes(await done(service, 'doctor', 'web'))).toEqual([])
  await done(service, 'finish', 'web', ...flags)
  expect(details(await done(service, 'history', 'web'))['deployments']).toMatchObject([
    { version: 'v2', previousVersion: 'v1', outcome: 'finished' },
  ])
  expect(codes(await done(service, 'doctor', 'web'))).toEqual([])
})

describe('doctor --fix', () => {
  test('killed before or after any changing call, then given again, ends as if it had not been', async () => {
    const reference = await unkilled()
    const missed = await killAtEach(reference.calls, atOnce, (moment, index) =>
      killedAndRepeated(moment, index, reference.ending),
    )
    expect(missed).toEqual([])
    console.log(`doctor --fix: killed before and after each of ${reference.calls.length} changing calls:`)
    console.log(`  ${reference.calls.join(' → ')}`)
  }, 600_000)
})

/** A finished deployment of v2, with a suspension, a pin and old tags left behind. */
async function leftBehind(): Promise<LiveService> {
  const service = await liveService({ instances: 2 })
  await lowerMin(service)
  await done(service, 'deploy', 'web', 'v2', '--image', repository, ...flags)
  await done(service, 'finish', 'web', ...flags)
  await leaveBehind(service)
  return service
}

async function unkilled(): Promise<{ calls: string[]; ending: Ending }> {
  await using service = await leftBehind()
  const calls: string[] = []
  service.intercept(async ({ operation, kind }, proceed) => {
    if (kind === 'change') calls.push(operation)
    return proceed()
  })
  const ended = await run(fix, service.env)
  expect(ended, explain(ended)).toMatchObject({ code: 0 })
  expect(details(ended)['mended']).toEqual(['suspension-left', 'min-not-restored', 'idle-version'])
  return { calls, ending: await service.ending() }
}

/** Says which call it was killed at; null where it ended before. */
async function killedAndRepeated(moment: Moment, index: number, ending: Ending): Promise<string | null> {
  await using service = await leftBehind()
  const killedAt = await kill(service, fix, moment, index)
  if (killedAt === null) return null
  const where = placeOf(moment, index, killedAt)
  let again: Ended | null = null
  await until(
    async () => {
      again = await run(fix, service.env)
      // The lease of the one that was killed stands for two seconds yet.
      return again.code !== 3
    },
    limitMs,
    `the lease has run out after a kill ${where}`,
  )
  expect(again, `killed ${where}: ${again === null ? '' : explain(again)}`).toMatchObject({ code: 0 })
  expect(codes(await run(['doctor', 'web'], service.env)), `killed ${where}`).toEqual([])
  expect(await service.ending(), `killed ${where}`).toEqual(ending)
  return killedAt
}
