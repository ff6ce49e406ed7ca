import { PutObjectCommand } from '@aws-sdk/client-s3'
import { beforeEach, expect, test, vi } from 'vitest'
import { deploy } from '../src/commands/deploy.ts'
import { finish } from '../src/commands/finish.ts'
import type { HistoryResult } from '../src/commands/history.ts'
import { rollback } from '../src/commands/rollback.ts'
import { secondOf } from '../src/history/deployment-id.ts'
import { bucket, portsOf } from './support/account.ts'
import { commandLine } from './support/command-line.ts'
import { createService, type Service } from './support/fleet.ts'
import { common, v2 } from './support/options.ts'
import { tag } from './support/web-service.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let service: Service
beforeEach(async () => {
  service = await createService()
})

const say = async (...argv: string[]) =>
  commandLine(['history', ...argv], { directory: '/', clients: service.clients, clock: service.clock })

const entry = (id: string) =>
  JSON.stringify({
    outcome: 'finished',
    endedAt: 2,
    deployment: {
      id,
      version: 'v1',
      previousVersion: null,
      failure: null,
      startedAt: 1,
      marks: { begunAt: 1, switchedAt: null },
      journal: [],
    },
  })

async function put(key: string, body: string): Promise<void> {
  await service.clients.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: `p/web/history/${key}`, Body: body }),
  )
}

async function details(): Promise<HistoryResult['details']> {
  const { stdout } = await say('web', '--json')
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as HistoryResult).details
}

test('three endings, newest first, with what each took', async () => {
  await service.run(deploy(portsOf(service, 'a'), v2))
  await service.run(rollback(portsOf(service, 'a'), common))
  service.behaviours.set('v3', 'broken')
  await service.run(deploy(portsOf(service, 'a'), { ...v2, version: 'v3' }))
  await service.run(deploy(portsOf(service, 'a'), { ...v2, version: 'v4' }))
  await service.time.advance(3_600_000)
  await service.run(finish(portsOf(service, 'a'), common))
  const { exitCode, stdout, stderr } = await say('web')
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/^web: the last deployment that ended is \S+, of v4\.\n$/)
  const [head, ...rows] = stdout.trimEnd().split('\n')
  expect(head).toMatch(/^ENDED +ID +FROM +TO +OUTCOME +SWITCHED AFTER +OPEN FOR$/)
  expect(rows[0]).toMatch(/v1 +v4 +finished +\d+(\.\d)?s +1h/)
  expect(rows[1]).toMatch(/v1 +v3 +failed/)
  expect(rows[2]).toMatch(/^ {2}.*The app never answered\./)
  expect(rows[3]).toMatch(/v1 +v2 +rolled back +\d/)
  expect(rows).toHaveLength(4)
  const found = (await details()).deployments
  expect(found.map(({ version, outcome }) => [version, outcome])).toEqual([
    ['v4', 'finished'],
    ['v3', 'failed'],
    ['v2', 'rolled-back'],
  ])
  const [finished] = found
  expect(finished?.openMs).toBe(Date.parse(finished?.endedAt ?? '') - Date.parse(finished?.startedAt ?? ''))
  expect(finished?.switchedMs).toBeLessThan(600_000)
})

test('an object that cannot be read hides no other', async () => {
  await service.run(deploy(portsOf(service, 'a'), v2))
  await service.run(rollback(portsOf(service, 'a'), common))
  await put('20260101-000000-0000.json', '{')
  await put('20260101-000000-0001.json', JSON.stringify({ schema: 1, outcome: 'finished' }))
  await put('notes.txt', 'mine')
  const { exitCode, stdout, stderr } = await say('web')
  expect({ exitCode, rows: stdout.trim().split('\n').length }).toEqual({ exitCode: 0, rows: 2 })
  expect(stderr).toContain('p/web/history/20260101-000000-0000.json in the store cannot be read')
  expect(stderr).toContain('p/web/history/20260101-000000-0001.json in the store cannot be read')
})

test('the newest hundred are told, and how many more there are', async () => {
  for (let n = 100; n < 203; n += 1) await put(`d${n}.json`, entry(`d${n}`))
  const found = await details()
  expect(found.deployments).toHaveLength(100)
  expect(found.deployments.map(({ id }) => id)).not.toContain('d102')
  expect((await say('web')).stdout).toMatch(/^3 older ones are in the store\.$/m)
})

test('the newest are found behind more than can be listed, in bounded calls', async () => {
  // What runs saw lies beside each, and is listed as one entry more.
  for (let n = 0; n < 26_000; n += 1) {
    const id = `${secondOf(Date.UTC(2024, 0) + n * 3_600_000)}-0000`
    service.cloud.objects.put(bucket, `p/web/history/${id}.json`, Buffer.from(entry(id)))
    service.cloud.objects.put(bucket, `p/web/history/${id}/1.json`, Buffer.from('{}'))
  }
  let lists = 0
  service.intercept = (call, proceed) => {
    if (call.operation === 'ListObjectsV2') lists += 1
    return proceed()
  }
  const { stdout } = await say('web')
  const newest = `${secondOf(Date.UTC(2024, 0) + 25_999 * 3_600_000)}-0000`
  expect(stdout).toContain(newest)
  expect(stdout).toMatch(/^At least 2\d{4} older ones are in the store\.$/m)
  expect(stdout.trimEnd().split('\n')).toHaveLength(102)
  expect(lists).toBeLessThan(80)
})

test('nothing has ended yet', async () => {
  expect(await say('web')).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: 'No deployment of web has ended yet.\n',
  })
})

test('an unknown service is exit 2, one sentence', async () => {
  const { exitCode, stdout, stderr } = await say('nobody')
  expect({ exitCode, stdout, lines: stderr.trim().split('\n').length }).toEqual({
    exitCode: 2,
    stdout: '',
    lines: 1,
  })
})

test('a store that is not there is exit 2', async () => {
  for (const name of ['web-blue', 'web-green'])
    await tag(service, name, { 'switchover:store': 's3://gone/x' })
  const { exitCode, stderr } = await say('web')
  expect({ exitCode, lines: stderr.trim().split('\n').length }).toEqual({ exitCode: 2, lines: 1 })
  expect(stderr).toContain('gone')
})

test('a store out of reach is exit 1, one sentence', async () => {
  const failing = commandLine(['history', 'web'], {
    directory: '/',
    clock: service.clock,
    clients: service.connect((call, proceed) => (call.service === 's3' ? Promise.resolve(null) : proceed())),
  })
  const { exitCode, stderr } = await failing
  expect({ exitCode, lines: stderr.trim().split('\n').length }).toEqual({ exitCode: 1, lines: 1 })
  expect(stderr).toContain('reading the history of web')
})
