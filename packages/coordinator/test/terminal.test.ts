import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { Interrupt } from '../src/cli/interrupt.ts'
import type { Config } from '../src/config.ts'
import { commandLine, type Said } from './support/command-line.ts'
import { createWebService, type WebService } from './support/web-service.ts'

let web: WebService
beforeEach(async () => {
  web = await createWebService()
})

const deploy = ['deploy', 'web', 'v2', '--yes', '--readiness', 'load-balancer']

type Begun = Readonly<{
  /** Operations in the order of their calls. */
  calls: string[]
  keys: PassThrough
  interrupt: Interrupt
  work: Promise<Said>
  /** Lets time pass until so many looks at the load balancer were made. */
  looks: (count: number) => Promise<void>
}>

/** Begins a command on a terminal, or off one, and lets it come as far as its first call. */
async function begin(
  argv: readonly string[],
  { terminal = true, config = {} }: { terminal?: boolean; config?: Partial<Config> } = {},
): Promise<Begun> {
  const { account } = web
  const calls: string[] = []
  const begun = Promise.withResolvers<void>()
  account.intercept = async ({ operation }, proceed) => {
    begun.resolve()
    calls.push(operation)
    return proceed()
  }
  const [keys, interrupt] = [new PassThrough(), new Interrupt()]
  const work = commandLine(argv, {
    directory: '/',
    clients: account.clients,
    clock: account.clock,
    interrupt,
    config,
    ...(terminal ? { keys } : {}),
  })
  await begun.promise
  const looks = async (count: number) =>
    account.time.runUntil(
      () => calls.filter((one) => one === 'DescribeTargetHealth').length >= count,
      3_600_000,
    )
  return { calls, keys, interrupt, work, looks }
}

async function said(argv: readonly string[], options: Parameters<typeof begin>[1] = {}) {
  const { work, calls } = await begin(argv, options)
  return { ...(await web.account.run(work)), calls }
}

const escapes = /\p{Cc}/u
const withoutBreaks = (text: string) => text.replaceAll('\n', '')

describe('on a terminal', () => {
  test('both groups and the wait are shown in place, and steps stay', async () => {
    const { stderr, exitCode } = await said(deploy)
    const text = stripVTControlCharacters(stderr)
    expect(exitCode).toBe(0)
    expect(text).toMatch(/^web {2}deploying v2 +\d+s of about 1m\d+s$/m)
    expect(text).toMatch(/^Switch predicted after about 1m\d+s\.$/m)
    expect(text).toMatch(/^web-green {2}coming up {2}v2 {2}\d of 2 ready, /m)
    expect(text).toMatch(/^Waiting for 2 ready instances in web-green, 0 are/m)
    expect(text).toMatch(/^\d\d:\d\d:\d\d Park 2 instances/m)
    expect(text).not.toMatch(/^\d\d:\d\d:\d\d Waiting/m)
  })

  test('the view costs no call', async () => {
    const shown = await said(deploy)
    web = await createWebService()
    const plain = await said(deploy, { terminal: false })
    expect(shown.calls).toEqual(plain.calls)
  })

  test.each<[string, string[], Partial<Config>]>([
    ['--quiet', [...deploy, '--quiet'], {}],
    ['--json', [...deploy, '--json'], {}],
    ['TERM=dumb', deploy, { dumb: true }],
  ])('%s has no view', async (_, argv, config) => {
    const { stderr, stdout } = await said(argv, { config })
    expect(withoutBreaks(stderr + stdout)).not.toMatch(escapes)
    expect(stderr + stdout).not.toContain('web-blue   live')
  })
})

test('off a terminal there are lines with their times, and nothing else', async () => {
  const { stderr, stdout } = await said(deploy, { terminal: false })
  expect(stdout).toBe('')
  expect(withoutBreaks(stderr)).not.toMatch(escapes)
  const lines = stderr.trimEnd().split('\n')
  expect(lines.slice(0, -2).filter((line) => !/^\d\d:\d\d:\d\d \S/.test(line))).toEqual([])
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(/^web runs v2 on web-green;.*\.$/),
    'Next: switchover finish web, or switchover rollback web',
  ])
})

describe('Ctrl-C', () => {
  const asked = 'Stop? It goes on until you choose.'

  test('asks, and the work goes on while the question stands', async () => {
    const { interrupt, looks, keys, work } = await begin(deploy)
    await looks(4)
    expect(interrupt.onCtrlC?.()).toBe(true)
    await looks(12)
    expect(interrupt.signal.aborted).toBe(false)
    keys.write('g')
    const { stderr, exitCode } = await web.account.run(work)
    expect(stripVTControlCharacters(stderr)).toContain(asked)
    expect(exitCode).toBe(0)
  })

  test.each([
    ['s', 's'],
    ['Ctrl-C as a key', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('and %s: stops, with the command that goes on', async (_, key) => {
    const { interrupt, looks, keys, work } = await begin(deploy)
    await looks(4)
    interrupt.onCtrlC?.()
    keys.write(key)
    const { stderr, exitCode } = await web.account.run(work)
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/Interrupted;.*\nNext: switchover resume web\n$/)
  })

  test('twice stops, though a signal came both times', async () => {
    const { interrupt, looks, work } = await begin(deploy)
    await looks(4)
    interrupt.onCtrlC?.()
    interrupt.onCtrlC?.()
    expect(await web.account.run(work)).toMatchObject({ exitCode: 130 })
  })

  test('and b: goes back', async () => {
    const { interrupt, looks, keys, work } = await begin(deploy)
    await looks(4)
    interrupt.onCtrlC?.()
    keys.write('b')
    const { stderr, exitCode } = await web.account.run(work)
    expect(stripVTControlCharacters(stderr)).toContain('b  roll back to v1')
    expect(stderr).toContain('web runs v1 on web-blue again; v2 is gone from web-green')
    expect(exitCode).toBe(0)
  })

  test('of a rollback has no way back to offer', async () => {
    await said(deploy)
    const { interrupt, looks, keys, work } = await begin(['rollback', 'web', '--yes'])
    await looks(2)
    interrupt.onCtrlC?.()
    keys.write('b')
    await looks(4)
    keys.write('s')
    const { stderr, exitCode } = await web.account.run(work)
    expect(stripVTControlCharacters(stderr)).toContain(asked)
    expect(stripVTControlCharacters(stderr)).not.toContain('b  roll back')
    expect(exitCode).toBe(130)
  })

  test('off a terminal, and before the first look, stops at once', async () => {
    const away = await begin(deploy, { terminal: false })
    await away.looks(4)
    expect(away.interrupt.onCtrlC?.()).toBe(true)
    expect(await web.account.run(away.work)).toMatchObject({
      exitCode: 130,
      stderr: expect.stringMatching(/\nNext: switchover resume web\n$/),
    })
    web = await createWebService()
    const early = await begin(deploy)
    early.interrupt.onCtrlC?.()
    expect(await web.account.run(early.work)).toMatchObject({ exitCode: 130 })
  })

  test('and TERM=dumb: asks in plain lines, once', async () => {
    const { interrupt, looks, keys, work } = await begin(deploy, { config: { dumb: true } })
    await looks(4)
    interrupt.onCtrlC?.()
    await looks(12)
    keys.write('s')
    const { stderr, exitCode } = await web.account.run(work)
    expect(stderr.split(asked)).toHaveLength(2)
    expect(stderr).toContain(`\n${asked}\n  s  stop here; switchover resume web goes on, from any machine\n`)
    expect(exitCode).toBe(130)
  })
})
