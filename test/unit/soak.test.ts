import { expect, test } from 'vitest'
import { bucket } from '@switchover/rehearsal/account'
import { seededRandom } from '@switchover/local-aws/seeded-random'
import { drawFaults } from '../soak/disturbed.ts'
import { growth } from '../soak/growth.ts'
import { leftOver, type Expected } from '../soak/left-over.ts'
import { optionsOf } from '../soak/options.ts'
import { liveService, type Ending } from '../support/live-service.ts'

const version = { 'switchover:version': 'v2', 'switchover:digest': 'sha256:2' }
const idle = { min: 0, max: 6, desired: 0, suspended: [], tags: version, lifecycles: [] }
const live = {
  min: 3,
  max: 6,
  desired: 3,
  suspended: [],
  tags: { ...version, 'switchover:deployment': 'an id' },
  lifecycles: ['InService', 'InService', 'InService'],
}
const ending: Ending = {
  groups: { 'web-blue': idle, 'web-green': live },
  strays: [],
  lease: null,
  stage: null,
  history: ['rolled-back', 'finished'],
  orphanReports: [],
  healthyTargets: 3,
}
const expected: Expected = {
  serving: 'web-green',
  idle: 'web-blue',
  version: 'v2',
  instances: 3,
  max: 6,
  history: ['rolled-back', 'finished'],
}
const keys = ['store/web/deployment.json', 'store/web/history/a.json', 'store/web/reports/R:i-1.json']

test('a service at rest leaves nothing over', () => {
  expect(leftOver(ending, keys, expected)).toEqual([])
})

const groups = (changed: Partial<Ending['groups'][string]>, name = 'web-blue') => ({
  groups: { ...ending.groups, [name]: { ...ending.groups[name], ...changed } } as Ending['groups'],
})

test.each<[string, Partial<Ending>]>([
  ['what is suspended on web-blue is ["Launch"], not []', groups({ suspended: ['Launch'] })],
  ['the instances of web-blue is ["Standby"], not []', groups({ lifecycles: ['Standby'] })],
  ['min, max and desired of web-green is [2,6,3], not [3,6,3]', groups({ min: 2 }, 'web-green')],
  ['the version of web-blue is "v1", not "v2"', groups({ tags: { ...version, 'switchover:version': 'v1' } })],
  [
    'what web-blue would launch is ["v2","sha256:1",null], not ["v2","sha256:2",null]',
    groups({ tags: { ...version, 'switchover:digest': 'sha256:1' } }),
  ],
  [
    'the deployment of web-blue is "an id", not undefined',
    groups({ tags: { ...version, 'switchover:deployment': 'an id' } }),
  ],
  ['what runs outside both groups is ["i-9"], not []', { strays: ['i-9'] }],
  ['the lease is {"owner":"a"}, not null', { lease: { owner: 'a' } }],
  ['the stage of the record is "parked", not null', { stage: 'parked' }],
  ['the history is ["finished"], not ["rolled-back","finished"]', { history: ['finished'] }],
  ['reports of instances that are gone is ["i-9"], not []', { orphanReports: ['i-9'] }],
  ['healthy targets is 2, not 3', { healthyTargets: 2 }],
])('%s', (sentence, changed) => {
  expect(leftOver({ ...ending, ...changed }, keys, expected)).toContain(sentence)
})

test('a key that belongs to nothing is left over', () => {
  expect(leftOver(ending, [...keys, 'store/web/tmp'], expected)).toEqual([
    'other keys in the store is ["store/web/tmp"], not []',
  ])
})

const sample = {
  deployments: 20,
  coordinatorBytes: 100e6,
  calls: 100,
  recordBytes: 4_000,
  accountBytes: 40e6,
  storeKeys: 25,
  storeBytes: 100_000,
}

test.each([
  [{}, []],
  [{ coordinatorBytes: 120e6 }, ['coordinatorBytes grew from 100000000 to 120000000.']],
  [{ calls: 150 }, ['calls grew from 100 to 150.']],
  [{ recordBytes: 9_000 }, ['recordBytes grew from 4000 to 9000.']],
  [{ deployments: 23, accountBytes: 43e6 }, []],
  [{ accountBytes: 80e6 }, ['The local AWS kept 222222 bytes of each deployment, more than 100000.']],
])('of %j grows %j', (changed, sentences) => {
  expect(growth([sample, { ...sample, deployments: 200, ...changed }])).toEqual(sentences)
})

test('the same seed draws the same faults, one in fifty calls or so', () => {
  const drawn = drawFaults(seededRandom(7), 10_000)
  expect(drawn).toEqual(drawFaults(seededRandom(7), 10_000))
  expect(drawn.length).toBeGreaterThan(150)
  expect(drawn.length).toBeLessThan(300)
})

test('options are refused in one sentence', () => {
  expect(optionsOf([])).toEqual({ cycles: 200, seed: 1, minutes: 60 })
  expect(() => optionsOf(['--cycles', '3'])).toThrow(
    '--cycles takes a whole number from 4 to 10000; it was 3.',
  )
  expect(() => optionsOf(['--seed', ''])).toThrow('--seed takes a whole number from 0 to')
  expect(() => optionsOf(['--foo'])).toThrow("Unknown option '--foo'.")
})

test('the history of a store is told beyond the first thousand keys', async () => {
  await using service = await liveService({ instances: 0 })
  const { objects } = service.cloud
  for (let trace = 0; trace < 1_000; trace += 1)
    objects.put(bucket, `store/web/history/a/${trace}.json`, Buffer.from('{}'))
  const entry = JSON.stringify({ outcome: 'finished', endedAt: 0 })
  objects.put(bucket, 'store/web/history/b.json', Buffer.from(entry))
  expect((await service.ending()).history).toEqual(['finished'])
})
