import {
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  SetDesiredCapacityCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseStoreUrl, storeKeys } from '@switchover/contract/store'
import { tagKey } from '@switchover/contract/tags'
import { bucket, groupNames, healthyTargets, store } from '@switchover/rehearsal/account'
import { bundleCoordinator, run } from '../support/coordinator.ts'
import { type LiveService, liveService } from '../support/live-service.ts'
import { repository } from '../support/virtual-service.ts'
import { until } from '../support/until.ts'

/** One sentence, the right exit code, the next command where there is one, and nothing changed. */

const deploy = ['deploy', 'web', 'v2', '--image', repository, '--yes']
const [blue, green] = groupNames
const recordKey = storeKeys(parseStoreUrl(store)?.prefix ?? '', 'web').record

let service: LiveService
beforeAll(async () => {
  await bundleCoordinator()
  service = await liveService({ instances: 2 })
})
afterAll(() => service[Symbol.asyncDispose]())

async function refused(args: readonly string[], code: number, sentence: RegExp): Promise<void> {
  const before = await service.everything()
  const ended = await run(args, service.env)
  const said = ended.events.findLast((event) => event.event === 'result')?.text ?? ended.stderr
  expect(said).toMatch(sentence)
  expect(said.trim().split('\n')).toHaveLength(1)
  expect(`${ended.stderr}${said}`).not.toMatch(/\n\s+at |node:internal/)
  expect(ended.code).toBe(code)
  expect(await service.everything()).toEqual(before)
}

test.each([
  ['an unknown service', ['deploy', 'wob', 'v2', '--image', repository, '--yes'], 2, /wob/],
  [
    'a version that is not in the registry',
    ['deploy', 'web', 'v9', '--image', repository, '--yes'],
    2,
    /v9 .*not/,
  ],
  ['an illegal version', ['deploy', 'web', 'a b', '--yes'], 2, /'a b'.*A version is an image tag/],
  ['a digest nobody asked for and no repository', ['deploy', 'web', 'v2', '--yes'], 2, /--image|--no-digest/],
  ['a bundle that is not in the store', [...deploy, '--bundle', '0123456789ab'], 2, /0123456789ab/],
  ['more instances than MaxSize', [...deploy, '--desired', '99'], 2, /99/],
  ['a changing command off a terminal without --yes', ['rollback', 'web'], 2, /--yes/],
  ['a duration that is none', [...deploy, '--timeout', 'soon'], 2, /soon/],
  ['a flag nobody knows', [...deploy, '--colour'], 2, /--colour/],
  ['a command nobody knows', ['deplyo', 'web', 'v2'], 2, /deplyo.*deploy/s],
  ['rollback with nothing to go back to', ['rollback', 'web', '--yes'], 2, /web/],
  ['finish with nothing parked', ['finish', 'web', '--yes'], 2, /web/],
  ['resume with nothing interrupted', ['resume', 'web', '--yes'], 0, /[Nn]othing/],
  ['a compose file that is not there', ['publish', 'web', '/nonexistent'], 2, /nonexistent/],
])('%s', async (_, args, code, sentence) => refused(args, code, sentence))

describe('a set-up that cannot be deployed', () => {
  test('a group without its store tag', async () => {
    const tags = [blue, green].map((ResourceId) => ({
      ResourceId,
      ResourceType: 'auto-scaling-group',
      Key: tagKey.store,
    }))
    await service.clients.autoScaling.send(new DeleteTagsCommand({ Tags: tags }))
    await refused(deploy, 2, /switchover:store/)
    await storeTag(store)
  })

  test('a store whose bucket is missing', async () => {
    await storeTag('s3://nobody-made-this/store')
    await refused(deploy, 2, /nobody-made-this/)
    await storeTag(store)
  })

  test('a compose file without a pinned image is not published', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'switchover-bad-bundle-'))
    try {
      await writeFile(join(directory, 'compose.yaml'), 'services: { web: { image: "redis:7" } }\n')
      await refused(['publish', 'web', directory], 2, /no pinned image/)
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('a lease that another holds: exit 3, naming who and until when', async () => {
    const record = {
      schema: 1,
      service: 'web',
      lease: { owner: 'kim@desk 42', expiresAt: Date.now() + 600_000 },
      deployment: null,
    }
    await service.clients.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: recordKey, Body: JSON.stringify(record) }),
    )
    await refused(deploy, 3, /kim@desk 42/)
    await refused(['rollback', 'web', '--yes'], 3, /kim@desk 42/)
    await service.clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: recordKey }))
  })

  test('a record that is not ours to read: a person must decide', async () => {
    await service.clients.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: recordKey, Body: '{"schema":7}' }),
    )
    await refused(deploy, 4, /deployment\.json/)
    await service.clients.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: recordKey }))
  })

  test('both groups serving: a person must decide', async () => {
    const { autoScaling } = service.clients
    await autoScaling.send(
      new CreateOrUpdateTagsCommand({
        Tags: [
          {
            ResourceId: green,
            ResourceType: 'auto-scaling-group',
            Key: tagKey.version,
            Value: 'v2',
            PropagateAtLaunch: false,
          },
        ],
      }),
    )
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: green, DesiredCapacity: 1 }))
    const healthy = async (count: number) =>
      (await healthyTargets(service.clients, service.targetGroupArn)).length === count
    await until(() => healthy(3), 120_000, `${green} serves as well`)
    await refused(deploy, 4, /web-blue.*web-green|both/)
    await autoScaling.send(
      new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: green, MinSize: 0, DesiredCapacity: 0 }),
    )
    await until(() => healthy(2), 120_000, `${green} is empty again`)
  })
})

async function storeTag(url: string): Promise<void> {
  const tags = [blue, green].map((ResourceId) => ({
    ResourceId,
    ResourceType: 'auto-scaling-group',
    Key: tagKey.store,
    Value: url,
    PropagateAtLaunch: false,
  }))
  await service.clients.autoScaling.send(new CreateOrUpdateTagsCommand({ Tags: tags }))
}
