import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import type { Report } from '@switchover/contract/report'
import { parseStoreUrl, storeKeys } from '@switchover/contract/store'
import type { Clock } from '../clock.ts'

export type ReportStore = {
  /** @throws the SDK's error: no report is worth more than what it reports on, so callers log it and go on */
  put(place: { store: string; service: string }, report: Report, signal?: AbortSignal): Promise<void>
}

const callMs = 15_000

/** Reports under the one key IAM lets this instance write: `aws:userid`, which is `ROLEID:i-…` for an instance role. */
export function s3ReportStore(options: { s3: S3Client; sts: STSClient; clock: Clock }): ReportStore {
  const { s3, sts, clock } = options
  let userId: string | null = null

  async function readUserId(abortSignal: AbortSignal): Promise<string> {
    const answer = await sts.send(new GetCallerIdentityCommand({}), { abortSignal })
    if (answer.UserId === undefined) throw new Error('GetCallerIdentity answered without a user id.')
    return answer.UserId
  }

  return {
    put: async (place, report, signal) => {
      const limit = signal ? AbortSignal.any([signal, clock.deadline(callMs)]) : clock.deadline(callMs)
      const location = parseStoreUrl(place.store)
      if (location === null) throw new Error(`${place.store} is not written s3://BUCKET/PREFIX.`)
      userId ??= await readUserId(limit)
      await s3.send(
        new PutObjectCommand({
          Bucket: location.bucket,
          Key: storeKeys(location.prefix, place.service).report(userId),
          Body: JSON.stringify(report),
          ContentType: 'application/json',
        }),
        { abortSignal: limit },
      )
    },
  }
}
