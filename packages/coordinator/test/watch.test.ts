import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { Interrupt } from '../src/cli/interrupt.ts'
import { commandLine, type Said } from './support/command-line.ts'
import { createService, type Service } from './support/fleet.ts'

let service: Service
beforeEach(async () => {
  service = await createService()
})

type Watched = Said & { deployed: Said; mutations: string[] }

const reading = /^(?:Describe|Get|List|Head)/

/** Watches while another coordinator deploys, from a terminal or into a file; `stopAfterMs` of it the watcher is stopped. */
async function watchedDeploy(
  argv: readonly string[],
  { terminal = false, stopAfterMs }: { terminal?: boolean; stopAfterMs?: number } = {},
): Promise<Watched> {
  const { clock } = service
  const interrupt = new Interrupt()
  const mutations: string[] = []
  const begun = Promise.withResolvers<void>()
  const watcher = service.connect(async ({ operation }, proceed) => {
    begun.resolve()
    if (!reading.test(operation)) mutations.push(operation)
    return proceed()
  })
  const watching = commandLine(['status', 'web', '--watch', ...argv], {
    directory: '/',
    clients: watcher,
    clock,
    interrupt,
    ...(terminal ? { keys: new PassThrough() } : {}),
  })
  await begun.promise
  await service.time.advance(5_000)
  const moved = Promise.withResolvers<void>()
  const other = service.connect(async (_, proceed) => {
    moved.resolve()
    return proceed()
  })
  const deploying = commandLine(['deploy', 'web', 'v2', '--yes', '--no-digest'], {
    directory: '/',
    clients: other,
    clock,
  })
  await moved.promise
  if (stopAfterMs !== undefined) {
    await service.time.advance(stopAfterMs)
    interrupt.stop()
  }
  const [said, deployed] = await service.run(Promise.all([watching, deploying]))
  return { ...said, deployed, mutations }
}

describe('somebody else’s deployment', () => {
  test('is shown live, changes nothing, and ends as it ended', async () => {
    const { stderr, stdout, exitCode, deployed, mutations } = await watchedDeploy([], { terminal: true })
    const text = stripVTControlCharacters(stderr)
    expect([exitCode, stdout, mutations]).toEqual([0, '', []])
    expect(text).toMatch(/^web {2}deploying v2 .*\d+s of about/m)
    expect(text).toMatch(/^tester acts on it\.$/m)
    expect(text).toMatch(/^\d\d:\d\d:\d\d enter-standby: 2 new instances are healthy/m)
    expect(text).toMatch(/^Waiting for 2 ready instances in web-green/m)
    const sentence = /web runs v2 on web-green; the earlier fleet is parked in web-blue/
    expect(text).toMatch(sentence)
    expect(deployed.stderr).toMatch(sentence)
  })

  test('is told off a terminal in lines that have changed', async () => {
    const { stdout, stderr, exitCode } = await watchedDeploy([])
    expect(exitCode).toBe(0)
    expect(stdout.match(/^web {2}s3:/gm)).toHaveLength(1)
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d i-\w+ +Pending/m)
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d deployment \S+ v2, being deployed/m)
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect(stderr).toMatch(/^web runs v2 on web-green;.*\nNext: /)
  })

  test('that fails is exit 1 for who watches, too', async () => {
    service.behaviours.set('v2', 'broken')
    const { stderr, exitCode, deployed } = await watchedDeploy([])
    expect([exitCode, deployed.exitCode]).toEqual([1, 1])
    expect(stderr).toMatch(/^v2 was not deployed: i-\w+ in web-green:/)
  })

  test('interrupted before its end is 130', async () => {
    expect(await watchedDeploy([], { stopAfterMs: 20_000 })).toMatchObject({ exitCode: 130 })
  })
})

test('what is at rest is read seldom, and its record often enough to see the next command begin', async () => {
  const { clock } = service
  await service.run(
    commandLine(['deploy', 'web', 'v2', '--yes', '--no-digest'], {
      directory: '/',
      clients: service.clients,
      clock,
    }),
  )
  const counts = { looks: 0, records: 0 }
  const watcher = service.connect(async ({ operation }, proceed, request) => {
    if (operation === 'DescribeTargetHealth') counts.looks += 1
    if (operation === 'GetObject' && request.path.endsWith('/deployment.json')) counts.records += 1
    return proceed()
  })
  const interrupt = new Interrupt()
  const watching = commandLine(['status', 'web', '--watch'], {
    directory: '/',
    clients: watcher,
    clock,
    interrupt,
  })
  await service.time.advance(60_000)
  expect(counts.looks).toBeLessThanOrEqual(7)
  expect(counts.records).toBeGreaterThan(50)
  interrupt.stop()
  expect(await service.run(watching)).toMatchObject({ exitCode: 0 })
})
