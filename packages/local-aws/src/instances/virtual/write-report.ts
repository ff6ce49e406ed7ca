import type { Report } from '@switchover/contract/report'
import { parseStoreUrl, storeKeys } from '@switchover/contract/store'
import type { GroupTags } from '@switchover/contract/tags'
import type { Cloud } from '../../cloud.ts'
import type { MachineSpec } from '../kind.ts'
import { refusalOf, type AgentRights } from './rights.ts'

/** Written under its own key, as IAM lets an instance write no other. A store that is not there or refuses costs the report, nothing more. */
export function writeReport(
  cloud: Cloud,
  rights: AgentRights,
  { role, instanceId }: Pick<MachineSpec, 'role' | 'instanceId'>,
  tags: GroupTags,
  report: Report,
): void {
  const location = parseStoreUrl(tags.store)
  if (!location || role === null || !cloud.objects.hasBucket(location.bucket)) return
  const userId = `${cloud.identities.roleId(role)}:${instanceId}`
  const key = storeKeys(location.prefix, tags.service).report(userId)
  if (refusalOf(() => rights.object('PutObject', location.bucket, key))) return
  const body = Buffer.from(JSON.stringify(report))
  cloud.objects.put(location.bucket, key, body, { contentType: 'application/json' })
}
