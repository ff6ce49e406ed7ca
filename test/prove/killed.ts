import { type Ended, type Running, start } from '../support/coordinator.ts'
import { explain, killWhen } from '../support/kill.ts'
import type { Intercepted } from '../support/live-service.ts'
import { until } from '../support/until.ts'
import { type Subject, subjects } from './commands.ts'
import { inEffect, type Kill, next, type Place, reached, start as beginning } from './place.ts'
import { type End, endOf, flags, openScene, type Scene } from './scene.ts'
import { CapacityWatch } from './watch.ts'

/** No command takes nearly so long, even on a machine that is busy; one that does hangs. */
const commandLimitMs = 180_000

/** A call of an undisturbed run. */
type CallAt = Place & Pick<Intercepted, 'operation' | 'kind'>

export type Undisturbed = { calls: CallAt[]; end: End; least: number }

export type Survived = {
  /** Null where the command ended before there was such a call. */
  killedAt: (Kill & { operation: string }) | null
  end: End
  /** Instances that served at the worst moment. */
  least: number
  /** From the death to the end of what went on. */
  recoveryMs: number
}

export function subjectNamed(name: string): Subject {
  const subject = subjects[name]
  if (!subject) throw new Error(`There is no command ${name}.`)
  return subject
}

/** @throws {Error} where the command itself fails. */
export async function undisturbed(name: string): Promise<Undisturbed> {
  const subject = subjectNamed(name)
  await using scene = await openScene(subject)
  using watch = await CapacityWatch.of(scene.service)
  const calls: CallAt[] = []
  let place = beginning
  scene.service.intercept(async (call, proceed) => {
    place = next(place, call)
    calls.push({ ...place, operation: call.operation, kind: call.kind })
    return proceed()
  })
  expectDone(await bounded(start([...subject.args, ...flags], scene.service.env)), name)
  scene.service.intercept(null)
  return { calls, end: await endOf(scene), least: watch.least }
}

/** Kills the command there, lets another process go on, and says how that ended. @throws {Error} where it does not go on. */
export async function survived(name: string, kill: Kill): Promise<Survived> {
  const subject = subjectNamed(name)
  await using scene = await openScene(subject)
  using watch = await CapacityWatch.of(scene.service)
  const killedAt = await killThere(scene, subject, kill)
  const from = performance.now()
  if (killedAt !== null) await goOn(scene, name, subject, killedAt)
  const recoveryMs = performance.now() - from
  watch.look()
  return { killedAt, end: await endOf(scene), least: watch.least, recoveryMs }
}

async function killThere({ service }: Scene, { args }: Subject, kill: Kill): Promise<Survived['killedAt']> {
  let place = beginning
  const chosen = (call: Intercepted): boolean => {
    place = next(place, call)
    return reached(place, kill)
  }
  const { operation, ended } = await killWhen(service, [...args, ...flags], kill.moment, chosen)
  if (operation === null) expectDone(ended, args.join(' '))
  return operation === null ? null : { ...place, moment: kill.moment, operation }
}

/** Before its first change nobody knows what it wanted: it is given again. */
async function goOn({ service }: Scene, name: string, subject: Subject, killedAt: Kill): Promise<void> {
  const again = subject.again || inEffect(killedAt) === 0
  const args = again ? subject.args : ['resume', 'web']
  let ended = await bounded(start([...args, ...flags], service.env))
  // Only `resume` waits for the lease of the dead.
  if (subject.again)
    await until(
      async () => {
        if (ended.code === 3) ended = await bounded(start([...args, ...flags], service.env))
        return ended.code !== 3
      },
      commandLimitMs,
      'the lease of the one that was killed has run out',
    )
  expectDone(ended, `${args.join(' ')} after ${name} was killed`)
}

async function bounded({ process, ended }: Running): Promise<Ended> {
  const timer = setTimeout(() => process.kill('SIGKILL'), commandLimitMs)
  try {
    return await ended
  } finally {
    clearTimeout(timer)
  }
}

function expectDone(ended: Ended, what: string): void {
  if (ended.code === 0) return
  const how =
    ended.code === null ? `had not ended after ${commandLimitMs / 1_000} s` : `exited with ${ended.code}`
  throw new Error(`${what} ${how}.\n${explain(ended)}`)
}
