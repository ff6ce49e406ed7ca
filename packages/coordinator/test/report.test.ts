import { lstat, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Trace } from '@switchover/contract/trace'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { deploy } from '../src/commands/deploy.ts'
import { finish } from '../src/commands/finish.ts'
import type { ReportResult } from '../src/commands/report.ts'
import { rollback } from '../src/commands/rollback.ts'
import { bucket, portsOf } from './support/account.ts'
import { commandLine } from './support/command-line.ts'
import { createService, type Service } from './support/fleet.ts'
import { killedAt } from './support/killed.ts'
import { common, v2 } from './support/options.ts'
import { endedOf, keysUnder, objectAt } from './support/views.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let service: Service
let directory: string
beforeEach(async () => {
  service = await createService()
  directory = await mkdtemp(join(tmpdir(), 'report-'))
})
afterEach(() => rm(directory, { recursive: true }))

const say = async (...argv: string[]) =>
  commandLine(['report', ...argv], { directory: '/', clients: service.clients, clock: service.clock })

async function timeline(...argv: string[]): Promise<ReportResult['details']['timeline']> {
  const { stdout } = await say('web', ...argv, '--json')
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ReportResult).details.timeline
}

/** Ids of what has ended, newest first. */
async function endedIds(): Promise<string[]> {
  const keys = await endedOf(service)
  return keys.map((key) => key.replace(/^.*\/(.*)\.json$/, '$1')).toReversed()
}

describe('the story of a deployment', () => {
  test('that is parked: instances, the switch, capacity, calls and parts without a hole', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    const { sections, summary, missing } = await timeline()
    expect(summary).toBe('v2 of web from v1 is deployed; the earlier fleet is parked.')
    expect(missing).toEqual([])
    expect(sections).toHaveLength(1)
    const [section] = sections
    const [fresh, old] = section?.lanes ?? []
    for (const { bars, servedAt } of fresh?.rows ?? []) {
      expect(bars.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['launch', 'health', 'service']))
      expect(servedAt).toBeGreaterThan(0)
      for (const [index, { from }] of bars.entries()) if (index > 0) expect(from).toBe(bars[index - 1]?.to)
    }
    expect(old?.rows.map(({ bars }) => bars.map(({ kind }) => kind))).toEqual([
      ['service', 'draining', 'standby'],
      ['service', 'draining', 'standby'],
    ])
    for (const { old, new: fresh, required } of section?.capacity ?? [])
      expect((old ?? 0) + (fresh ?? 0)).toBeGreaterThanOrEqual(required ?? 0)
    const parts = section?.parts ?? []
    expect(parts.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(section?.lengthMs)
    expect(section?.calls?.operations.find(({ name }) => name === 'autoscaling EnterStandby')).toMatchObject({
      count: 1,
      changes: true,
    })
  })

  test('that was finished later: each command on its own axis', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    await service.time.advance(86_400_000)
    await service.run(finish(portsOf(service, 'b'), common))
    const { sections, endedAt } = await timeline()
    expect(endedAt).not.toBeNull()
    expect(sections.map(({ name, rest }) => [name, rest])).toEqual([
      ['deploy', 'the old fleet is parked'],
      ['finish', 'finished'],
    ])
    expect(Math.max(...sections.map(({ lengthMs }) => lengthMs))).toBeLessThan(3_600_000)
  })

  test('that failed: why, in the words of the agent, with the last lines of the app', async () => {
    service.behaviours.set('v2', 'broken')
    await service.run(deploy(portsOf(service, 'a'), v2))
    const { stdout } = await say('web')
    expect(stdout).toContain('v2 of web from v1: failed.')
    expect(stdout).toContain('The app never answered.')
    expect(stdout).toContain('web | panic: no database')
  })

  test('of which a run was killed: a gap is drawn, what others saw is told', async () => {
    expect(await killedAt(service, (ports) => deploy(ports, v2), 12, 'before')).toBe(true)
    await service.time.advance(300_000)
    const { summary, missing, sections } = await timeline()
    expect(summary).toBe('v2 of web from v1 was interrupted.')
    expect(missing).toEqual([expect.stringContaining('1 of 1 run ended without leaving what they saw')])
    expect(sections[0]?.gaps).toHaveLength(1)
  })

  test('with more runs than are read: the earlier ones are not taken for killed', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    const [key = ''] = await keysUnder(service, 'p/web/history/')
    const trace = (await objectAt(service, key)) as Trace
    for (let n = 1; n <= 50; n += 1) {
      const [Key, owner] = [key.replace(`${trace.from}.`, `${trace.to + n}.`), `resumed-${n}`]
      const Body = JSON.stringify({ ...trace, owner, from: trace.to + n, to: trace.to + n })
      await service.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
    }
    const { missing } = await timeline()
    expect(missing).toEqual([expect.stringContaining('What 1 earlier run saw is in the store')])
  })

  test('that is under way: the run at work is not taken for one that was killed', async () => {
    const stuck = service.connect((call, proceed) =>
      call.operation === 'EnterStandby' ? new Promise(() => undefined) : proceed(),
    )
    const working = deploy({ ...portsOf(service, 'a'), clients: stuck, clock: service.clock }, v2)
    working.catch(() => undefined)
    await service.time.advance(300_000)
    const open = await timeline()
    expect(open.summary).toBe('v2 of web from v1 is under way.')
    expect(open.missing).toEqual([expect.stringContaining('The run that is at work')])
    expect(open.sections[0]?.gaps).toHaveLength(1)
    expect(open.sections[0]?.lanes[0]?.rows.map(({ bars }) => bars.at(-1)?.kind)).toEqual([
      'service',
      'service',
    ])
  })
})

describe('which one', () => {
  test('the last that ended, unless another is named', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    await service.run(rollback(portsOf(service, 'b'), common))
    await service.run(deploy(portsOf(service, 'c'), { ...v2, version: 'v3' }))
    await service.run(finish(portsOf(service, 'd'), common))
    expect((await timeline()).version).toBe('v3')
    const [, first = ''] = await endedIds()
    expect(await timeline(first)).toMatchObject({
      version: 'v2',
      sections: [{ name: 'deploy' }, { name: 'rollback' }],
    })
  })

  test('an id that is not known is exit 2, with the latest ones and the command for the newest', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    await service.run(rollback(portsOf(service, 'b'), common))
    const [id = ''] = await endedIds()
    expect(await say('web', '20260101-000000-ffff')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `web has no deployment 20260101-000000-ffff; the latest is ${id}.\nNext: switchover report web ${id}\n`,
    })
  })

  test('of a service that was never deployed: exit 2, one sentence and what to do', async () => {
    expect(await say('web')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'There is nothing to report: no deployment of web is open, and none has ended.\nNext: switchover deploy web VERSION --plan\n',
    })
  })

  test('an ended one from before runs left what they saw: its steps are told, and what is missing', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    await service.run(rollback(portsOf(service, 'b'), common))
    const [id = ''] = await endedIds()
    const entry = await objectAt(service, `p/web/history/${id}.json`)
    for (const Key of await keysUnder(service, `p/web/history/${id}/`))
      await service.clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '{"schema":0}' }))
    expect(entry).toMatchObject({ schema: 1 })
    const { stdout, stderr, exitCode } = await say('web', id)
    expect(exitCode).toBe(0)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('only its steps are known')
    expect(stdout).not.toContain('Healthy capacity')
    expect(stderr).toContain('cannot be read and is left out')
  })
})

describe('--html', () => {
  test('writes one page and says where; nothing else is left beside it', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    const file = join(directory, 'web.html')
    const { exitCode, stdout, stderr } = await say('web', '--html', file)
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toContain(`The page is in ${file} (`)
    expect(await readdir(directory)).toEqual(['web.html'])
    const page = await readFile(file, 'utf8')
    expect(page).toContain('<title>web: v1 → v2</title>')
    expect((await say('web', '--html', '-')).stdout).toBe(page)
  })

  test('through a link: the file it leads to is written, and the link stays', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    const [file, link] = [join(directory, 'kept.html'), join(directory, 'link.html')]
    await writeFile(file, 'old')
    await symlink(file, link)
    expect((await say('web', '--html', link)).exitCode).toBe(0)
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readFile(file, 'utf8')).toContain('<title>web: v1 → v2</title>')
  })

  test('what is no file keeps its place', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    expect((await say('web', '--html', '/dev/null')).exitCode).toBe(0)
    expect((await lstat('/dev/null')).isCharacterDevice()).toBe(true)
  })

  test('a file that cannot be written is exit 2, one sentence', async () => {
    await service.run(deploy(portsOf(service, 'a'), v2))
    const { exitCode, stderr } = await say('web', '--html', join(directory, 'gone', 'web.html'))
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/^\S+web\.html cannot be written: .*\n$/)
  })
})
