import { digestTagKey, tagKey } from '@switchover/contract/tags'
import type { Ending } from '../support/live-service.ts'

export type Expected = Readonly<{
  serving: string
  idle: string
  version: string
  instances: number
  /** Of both groups. */
  max: number
  /** How every deployment so far ended. */
  history: readonly string[]
}>

/** Both groups at rest, the record closed, nothing beside them: in sentences what is not so. */
export function leftOver(
  { groups, strays, lease, stage, history, orphanReports, healthyTargets }: Ending,
  keys: readonly string[],
  expected: Expected,
): string[] {
  const found: string[] = []
  const expect = (what: string, is: unknown, wanted: unknown) => {
    const [seen, right] = [JSON.stringify(is), JSON.stringify(wanted)]
    if (seen !== right) found.push(`${what} is ${seen}, not ${right}`)
  }
  const { serving, idle, instances, max } = expected
  const [live, other] = [groups[serving], groups[idle]]
  for (const [name, group, size] of [
    [serving, live, instances],
    [idle, other, 0],
  ] as const) {
    expect(`min, max and desired of ${name}`, [group?.min, group?.max, group?.desired], [size, max, size])
    expect(`what is suspended on ${name}`, group?.suspended, [])
    expect(
      `the instances of ${name}`,
      group?.lifecycles,
      Array.from({ length: size }, () => 'InService'),
    )
    expect(`the version of ${name}`, group?.tags[tagKey.version], expected.version)
  }
  expect(`what ${idle} would launch`, versionTags(other?.tags), versionTags(live?.tags))
  expect(`the deployment of ${idle}`, other?.tags[tagKey.deployment], undefined)
  expect('what runs outside both groups', strays, [])
  expect('the lease', lease, null)
  expect('the stage of the record', stage, null)
  expect('the history', history, expected.history)
  expect('reports of instances that are gone', orphanReports, [])
  expect('healthy targets', healthyTargets, instances)
  const others = keys.filter((key) => !/\/(?:deployment\.json$|history\/|reports\/)/.test(key))
  expect('other keys in the store', others, [])
  return found
}

function versionTags(tags: Readonly<Record<string, string>> = {}): (string | undefined)[] {
  return [tagKey.version, digestTagKey(''), tagKey.bundle].map((key) => tags[key])
}
