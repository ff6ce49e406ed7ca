import { AwsError } from '@switchover/local-aws/wire/operation'
import { describe, expect, test, vi } from 'vitest'
import { bucket, portsOf } from '../../test/support/account.ts'
import { createService, type Behaviour, type Service } from '../../test/support/fleet.ts'
import { killedAt, type Death } from '../../test/support/killed.ts'
import { common, v2 } from '../../test/support/options.ts'
import { ownScaling, putWatchedAlarm, scalingOf } from '../../test/support/scaling.ts'
import { groupOf } from '../../test/support/views.ts'
import type { ResultEvent } from '../events.ts'
import type { Ports } from '../run/ports.ts'
import { deploy } from './deploy.ts'
import { finish } from './finish.ts'
import { promote } from './promote.ts'
import { resume } from './resume.ts'
import { rollback } from './rollback.ts'

/** What the bake of a test judges by. */
const alarm = 'web-5xx'

type Command = {
  /** alarm: one that rings as soon as there is something to bake. refused: EC2 launches nothing any more. */
  before: 'nothing' | 'canary' | 'parked' | 'alarm' | 'kept' | 'refused'
  version: Behaviour
  /** Whether live owns policies, an alarm and scheduled actions. */
  scaling?: true
  run: (ports: Ports) => Promise<ResultEvent>
  /** What is given after the death, and how it exits. */
  heir: (ports: Ports) => Promise<ResultEvent>
  exitCode: number
  /** Changing calls it makes at least; 10 where nothing is said. */
  calls?: number
}

const goOn = (ports: Ports) => resume(ports, { ...common, takeOver: false })
const canary = { ...v2, canary: { count: 1 } }
const runDeploy = (ports: Ports) => deploy(ports, v2)
const runRollback = (ports: Ports) => rollback(ports, common)
const runFinish = (ports: Ports) => finish(ports, common)

const commands: Record<string, Command> = {
  deploy: { before: 'nothing', version: 'good', run: runDeploy, heir: goOn, exitCode: 0 },
  'deploy of a broken version': {
    before: 'nothing',
    version: 'broken',
    run: runDeploy,
    heir: goOn,
    exitCode: 1,
  },
  'deploy --canary': {
    before: 'nothing',
    version: 'good',
    run: (ports) => deploy(ports, canary),
    heir: goOn,
    exitCode: 0,
  },
  'deploy --canary --bake': {
    before: 'nothing',
    version: 'good',
    run: (ports) => deploy(ports, { ...canary, bakeMs: 60_000 }),
    heir: goOn,
    exitCode: 0,
  },
  promote: {
    before: 'canary',
    version: 'good',
    run: (ports) => promote(ports, common),
    heir: goOn,
    exitCode: 0,
  },
  'rollback of a canary': { before: 'canary', version: 'good', run: runRollback, heir: goOn, exitCode: 0 },
  'deploy --finish-after': {
    before: 'nothing',
    version: 'good',
    run: (ports) => deploy(ports, { ...v2, bakeMs: 60_000, finishAfterMs: 60_000 }),
    heir: goOn,
    exitCode: 0,
  },
  'deploy --bake whose alarm rings': {
    before: 'alarm',
    version: 'good',
    run: (ports) => deploy(ports, { ...v2, bakeMs: 600_000, alarms: [alarm] }),
    heir: goOn,
    exitCode: 1,
  },
  'deploy --canary --bake whose alarm rings': {
    before: 'alarm',
    version: 'good',
    run: (ports) => deploy(ports, { ...canary, bakeMs: 600_000, alarms: [alarm] }),
    heir: goOn,
    exitCode: 1,
  },
  'deploy of a service with policies and schedules': {
    before: 'nothing',
    version: 'good',
    scaling: true,
    run: runDeploy,
    heir: goOn,
    exitCode: 0,
  },
  'rollback of a service with policies and schedules': {
    before: 'parked',
    version: 'good',
    scaling: true,
    run: runRollback,
    heir: goOn,
    exitCode: 0,
  },
  rollback: { before: 'parked', version: 'good', run: runRollback, heir: goOn, exitCode: 0 },
  finish: { before: 'parked', version: 'good', run: runFinish, heir: goOn, exitCode: 0 },
  'rollback --keep': {
    before: 'parked',
    version: 'good',
    run: (ports) => rollback(ports, { ...common, keep: 1 }),
    heir: goOn,
    exitCode: 0,
  },
  'rollback --floor': {
    before: 'parked',
    version: 'good',
    run: (ports) => rollback(ports, { ...common, floor: 50 }),
    heir: goOn,
    exitCode: 0,
  },
  'finish of what was kept': {
    before: 'kept',
    version: 'good',
    run: runFinish,
    heir: goOn,
    exitCode: 0,
    calls: 8,
  },
  'deploy whose launches are refused': {
    before: 'refused',
    version: 'good',
    run: runDeploy,
    heir: goOn,
    exitCode: 1,
  },
  'deploy whose instances are replaced again and again': {
    before: 'nothing',
    version: 'crashing',
    run: runDeploy,
    heir: goOn,
    exitCode: 1,
  },
  'deploy that is not ready in time': {
    before: 'nothing',
    version: 'silent',
    run: (ports) => deploy(ports, { ...v2, timeoutMs: 60_000 }),
    heir: goOn,
    exitCode: 1,
  },
}

vi.setConfig({ testTimeout: 600_000 })

/** More calls than any command makes. */
const callLimit = 200

async function prepare({ before, version, scaling }: Command): Promise<Service> {
  const service = await createService()
  service.behaviours.set('v2', version)
  if (scaling) await ownScaling(service, 'web-blue')
  if (before === 'parked' || before === 'kept') await service.run(deploy(portsOf(service, 'earlier'), v2))
  if (before === 'kept') await service.run(rollback(portsOf(service, 'earlier'), { ...common, keep: 1 }))
  if (before === 'refused')
    service.cloud.ec2.launchFault = () =>
      new AwsError('UnauthorizedOperation', 'You are not authorized to perform this operation')
  if (before === 'alarm') await ringInBake(service)
  if (before === 'canary') await service.run(deploy(portsOf(service, 'earlier'), canary))
  return service
}

async function ringInBake(service: Service): Promise<void> {
  const { cloud } = service
  await putWatchedAlarm(service, alarm)
  const look = () => {
    const text = Buffer.from(cloud.objects.get(bucket, 'p/web/deployment.json')?.body ?? '').toString()
    if (/"bakeAt": \d/.test(text))
      cloud.cloudWatch.setState(cloud.cloudWatch.alarm(alarm), 'ALARM', 'Too many errors.', null)
    else cloud.clock.after(1_000, look)
  }
  look()
}

/** What must be the same however often a coordinator died on the way; ids differ from run to run where one was replaced. */
async function endState(service: Service) {
  const groups = await Promise.all(
    ['web-blue', 'web-green'].map(async (name) => {
      const { ids: _, ...group } = await groupOf(service, name)
      return group
    }),
  )
  const [running, healthy] = [(await service.running()).length, (await service.healthy()).length]
  return { groups, running, healthy, scaling: await scalingOf(service) }
}

/** Killed before and after each call; the others, which share most of their steps, before one and after the next. */
const inFull = new Set(['deploy', 'deploy --canary', 'promote', 'rollback', 'finish'])

describe.each(Object.entries(commands))('%s, killed at each of its changing calls', (name, command) => {
  test.each<{ when: string; deaths: readonly Death[] }>(
    inFull.has(name)
      ? [
          { when: 'before', deaths: ['before'] },
          { when: 'after', deaths: ['after'] },
        ]
      : [{ when: 'by turns before and after', deaths: ['before', 'after'] }],
  )('$when it took effect, and resumed, ends as if nothing had been', async ({ deaths }) => {
    const untouched = await prepare(command)
    const whole = await untouched.run(command.run(portsOf(untouched, 'one')))
    expect(whole.exitCode).toBe(command.exitCode)
    const expected = await endState(untouched)
    let nth = 1
    for (; nth < callLimit; nth += 1) {
      const service = await prepare(command)
      const death = deaths[nth % deaths.length] ?? 'after'
      if (!(await killedAt(service, command.run, nth, death))) break
      const resumed = await service.run(command.heir(portsOf(service, 'heir')))
      const unknown = nth === 1 && death === 'before'
      const closed = resumed.text.startsWith('There is nothing to resume')
      if (!unknown && !closed) expect(resumed.exitCode).toBe(command.exitCode)
      // Before the first write nobody knows what was wanted: the command is given again.
      if (unknown) await service.run(command.run(portsOf(service, 'again')))
      expect([nth, await endState(service)]).toEqual([nth, expected])
    }
    expect(nth).toBeGreaterThan(command.calls ?? 10)
    expect(nth).toBeLessThan(callLimit)
  })
})

const forward = ['deploy', 'deploy --canary --bake']

test.each(forward)('a %s killed at any of its changing calls can be rolled back instead', async (name) => {
  const command = commands[name] as Command
  const untouched = await prepare(command)
  await untouched.run(command.run(portsOf(untouched, 'one')))
  await untouched.run(runRollback(portsOf(untouched, 'two')))
  const expected = await endState(untouched)
  let nth = 2
  for (; nth < callLimit; nth += 1) {
    const service = await prepare(command)
    const before = await service.healthy()
    if (!(await killedAt(service, command.run, nth, 'after'))) break
    await service.time.advance(common.leaseMs + 2_000)
    expect(await service.run(runRollback(portsOf(service, 'heir')))).toMatchObject({ exitCode: 0 })
    expect([nth, await endState(service)]).toEqual([nth, expected])
    expect(await service.healthy()).toEqual(before)
  }
  expect(nth).toBeGreaterThan(10)
  expect(nth).toBeLessThan(callLimit)
})
