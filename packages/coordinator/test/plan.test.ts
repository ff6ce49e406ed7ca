import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../src/events.ts'
import { commandLine } from './support/command-line.ts'
import { sha256 } from '../src/registry/manifest.ts'
import { createWebService, pushImage, size, tag } from './support/web-service.ts'
import type { WebService } from './support/web-service.ts'

let web: WebService
let changes: string[]

beforeEach(async () => {
  web = await createWebService()
  changes = []
  web.account.intercept = async (call, proceed) => {
    if (!/^(Describe|Get|List|BatchGet|Head)/.test(call.operation)) changes.push(call.operation)
    return await proceed()
  }
})

const say = async (argv: readonly string[], answer?: string, directory = '/') => {
  const { account } = web
  const around = { directory, clients: account.clients, clock: account.clock }
  return await account.run(commandLine(argv, answer === undefined ? around : { ...around, answer }))
}

describe('deploy --plan', () => {
  test('prints the steps on stdout and changes nothing', async () => {
    const { exitCode, stdout, stderr } = await say(['deploy', 'web', 'v2', '--plan'])
    expect({ exitCode, changes }).toEqual({ exitCode: 0, changes: [] })
    expect(stdout).toContain('web-green')
    expect(stdout.trim().split('\n').length).toBeGreaterThan(5)
    expect(stderr).toMatch(
      /^v2 would be deployed to web-green in \d+ steps, switched after about [\dms.]+, ended after about [\dms.]+; nothing was changed\.\n$/,
    )
  })

  test('under --json: plan events, then one result', async () => {
    const { stdout } = await say(['deploy', 'web', 'v2', '--plan', '--json'])
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event)
    const kinds = events.map(({ event }) => event)
    expect(kinds.slice(0, -1).every((kind) => kind === 'plan')).toBe(true)
    expect(events.at(-1)).toMatchObject({ event: 'result', outcome: 'done', details: { plan: true } })
    const steps = events.flatMap((event) => (event.event === 'plan' ? event.step : []))
    expect(steps.indexOf('tag')).toBeLessThan(steps.indexOf('size'))
    expect(steps.indexOf('size')).toBeLessThan(steps.indexOf('enter-standby'))
    expect(steps.slice(-2)).toEqual(['settle', 'timeline'])
    expect(events.at(-1)).toMatchObject({
      details: { timeline: { switchedMs: expect.any(Number), endedMs: expect.any(Number) } },
    })
  })

  test('--html draws it as a page besides; without --plan that is refused before anything is asked', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plan-'))
    const file = join(directory, 'plan.html')
    const { exitCode, stdout, stderr } = await say(['deploy', 'web', 'v2', '--plan', '--html', file])
    expect({ exitCode, changes }).toEqual({ exitCode: 0, changes: [] })
    expect(stdout).not.toContain('<')
    expect(stderr).toContain(`nothing was changed. The page is in ${file} (`)
    const page = await readFile(file, 'utf8')
    await rm(directory, { recursive: true })
    expect(page).toContain('<title>web: v1 → v2, predicted</title>')
    expect(page).toContain('EnterStandby')
    for (const [argv, sentence] of [
      [['deploy', 'web', 'v2', '--html', file], '--html draws what --plan foretells'],
      [['deploy', 'web', 'v2', '--plan', '--html', '-'], '--html takes a file'],
    ] as const) {
      const refused = await say(argv)
      expect({ exitCode: refused.exitCode, stdout: refused.stdout }).toEqual({ exitCode: 2, stdout: '' })
      expect(refused.stderr).toContain(sentence)
    }
  })

  test('of a canary shows the steps to it, and says what follows', async () => {
    const { exitCode, stdout, stderr } = await say(['deploy', 'web', 'v2', '--plan', '--canary', '50%'])
    expect({ exitCode, changes }).toEqual({ exitCode: 0, changes: [] })
    expect(stdout).toContain('Size web-green: min 1, desired 1')
    expect(stdout).not.toContain('Park')
    expect(stderr).toMatch(
      /^A canary of v2 would serve on web-green after \d+ steps and about [\dms.]+, until `switchover promote web` deploys it as a whole or `switchover rollback web` ends it; nothing was changed\.\n$/,
    )
  })

  test('of a canary that bakes, and of a finish that comes by itself, goes on to the end', async () => {
    const flags = ['--canary', '1', '--bake', '10m', '--finish-after', '2h']
    const { stdout } = await say(['deploy', 'web', 'v2', '--plan', ...flags])
    const order = ['Watch what was brought up', 'Promote the canary', 'Park', 'Finish', 'Terminate', 'Close']
    const places = order.map((words) => stdout.indexOf(words))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(Math.min(...places)).toBeGreaterThan(0)
  })

  test('takes canary, bake and alarms from switchover.yml', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plan-'))
    const lines = ['canary: 1', 'bake: 10m', 'alarm: [web-5xx]']
    await writeFile(join(directory, 'switchover.yml'), lines.join('\n'))
    const refused = await say(['deploy', 'web', 'v2', '--plan'], undefined, directory)
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('There is no CloudWatch alarm web-5xx')
    await writeFile(join(directory, 'switchover.yml'), lines.slice(0, 2).join('\n'))
    const { stdout } = await say(['deploy', 'web', 'v2', '--plan'], undefined, directory)
    await rm(directory, { recursive: true })
    expect(stdout).toContain('Promote the canary')
  })

  test('refuses what deploy would refuse', async () => {
    await size(web.account, 'web-green', 1)
    changes = []
    expect(await say(['deploy', 'web', 'v2', '--plan'])).toMatchObject({ exitCode: 4, stdout: '' })
    expect(changes).toEqual([])
  })
})

test('on a terminal nothing is asked where there is nothing to do', async () => {
  const { account } = web
  const manifest = await pushImage(account, 'v1', ['amd64'])
  await tag(account, 'web-blue', { 'switchover:digest': sha256(manifest) })
  const { exitCode, stderr } = await say(['deploy', 'web', 'v1'], '')
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: 'v1 is live already on web-blue: nothing to do.\n',
  })
})

test('on a terminal a canary is asked for as one', async () => {
  const { exitCode, stderr } = await say(['deploy', 'web', 'v2', '--canary', '1'], 'n\n')
  expect({ exitCode, changes }).toEqual({ exitCode: 2, changes: [] })
  expect(stderr).toContain('Run a canary of v2 on web? [y/N]')
})

test('on a terminal the plan is shown and no is taken for no', async () => {
  const { exitCode, stdout, stderr } = await say(['deploy', 'web', 'v2'], 'n\n')
  expect({ exitCode, changes }).toEqual({ exitCode: 2, changes: [] })
  expect(stdout).toContain('web-green')
  expect(stderr).toContain('Deploy v2 to web? [y/N]')
  expect(stderr).toContain('Nothing was changed.\n')
})
