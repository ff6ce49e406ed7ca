import type { S3Client } from '@aws-sdk/client-s3'
import type { ComposeFile } from '@switchover/contract/compose'
import type { StoreLocation } from '@switchover/contract/store'
import { tagKey } from '@switchover/contract/tags'
import { Refusal } from '../events.ts'
import { latestRevision, readBundle } from '../publish/read-bundle.ts'
import type { Roles } from './roles.ts'

export type ChosenBundle = { revision: string; compose: ComposeFile }

/**
 * The bundle the new instances will use: the one asked for, else the live group's, else (where nothing is live) the one
 * a group is tagged with or that was published last; null where the service has none.
 * @throws {Refusal} exit 2 where it is not in the store or cannot be deployed.
 */
export async function chooseBundle(
  s3: S3Client,
  store: StoreLocation,
  service: string,
  asked: string | null,
  roles: Roles | null,
): Promise<ChosenBundle | null> {
  const revision =
    asked === 'latest'
      ? await latestRevision(s3, store, service)
      : (asked ?? taggedBundle(roles) ?? (roles?.first ? await latestRevision(s3, store, service) : null))
  if (revision === null && asked === 'latest')
    throw new Refusal(
      2,
      'refused',
      `No bundle of ${service} is in the store.`,
      `switchover publish ${service} DIR`,
    )
  if (revision === null) return null
  if (!/^[0-9a-f]{12}$/.test(revision))
    throw new Refusal(
      2,
      'refused',
      `"${revision}" is not a bundle revision: 12 hexadecimal digits, or latest.`,
    )
  return { revision, compose: await readBundle(s3, store, service, revision) }
}

function taggedBundle(roles: Roles | null): string | null {
  if (roles === null) return null
  const { live, idle, first } = roles
  const tags = first ? [idle.group.tags, live.group.tags] : [live.group.tags]
  return tags.flatMap((one) => one[tagKey.bundle] ?? [])[0] ?? null
}
