import { ListObjectsV2Command, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3'
import { storeKeys, type StoreLocation } from '@switchover/contract/store'
import { secondOf } from './deployment-id.ts'

/** Pages of 1000 entries, two entries a deployment: what it ended as, and the place of what its runs saw. */
const pageLimit = 50
/** The newest that must be among the ids, however many there are. */
const newestLeast = 100
const earliest = Date.UTC(2020, 0)
const latest = Date.UTC(2100, 0)

/**
 * Ids of what has ended, newest first: they begin with the moment of their deployment. `all` is false where there are
 * more than are listed; then the oldest and the newest are.
 */
export async function listIds(
  s3: S3Client,
  { bucket, prefix: root }: StoreLocation,
  service: string,
): Promise<{ ids: string[]; all: boolean }> {
  const prefix = storeKeys(root, service).historyPrefix
  // What runs saw lies one level below. The paginator writes its token into what it is given.
  const query = { Bucket: bucket, Prefix: prefix, Delimiter: '/' }
  const ids = new Set<string>()
  let pages = 0
  for await (const { Contents, IsTruncated } of paginateListObjectsV2({ client: s3 }, { ...query })) {
    for (const id of idsOf(Contents, prefix)) ids.add(id)
    pages += 1
    if (pages < pageLimit || IsTruncated !== true) continue
    for (const id of await newest(s3, query)) ids.add(id)
    return { ids: [...ids].toSorted().toReversed(), all: false }
  }
  return { ids: [...ids].toSorted().toReversed(), all: true }
}

/** S3 lists forwards only: the second is looked for, by halves, after which one page holds all that is left. */
async function newest(
  s3: S3Client,
  query: Readonly<{ Bucket: string; Prefix: string; Delimiter: string }>,
): Promise<string[]> {
  let [tooEarly, lateEnough] = [earliest, latest]
  let found: string[] = []
  while (lateEnough - tooEarly > 1_000 && found.length < newestLeast) {
    const middle = Math.floor((tooEarly + lateEnough) / 2)
    const { Contents, IsTruncated } = await s3.send(
      new ListObjectsV2Command({ ...query, StartAfter: `${query.Prefix}${secondOf(middle)}` }),
    )
    if (IsTruncated === true) tooEarly = middle
    else {
      lateEnough = middle
      found = idsOf(Contents, query.Prefix)
    }
  }
  return found
}

function idsOf(contents: readonly { Key?: string | undefined }[] = [], prefix: string): string[] {
  return contents.flatMap(({ Key = '' }) => /^([^/]+)\.json$/.exec(Key.slice(prefix.length))?.[1] ?? [])
}
