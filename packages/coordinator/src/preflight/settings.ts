import { attachedToAny, type Attached } from '../aws/attached.ts'
import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import { readHooks, type Pair } from '../aws/groups.ts'
import { readSettings as readSource, type SourceSettings } from '../run/traffic-sources.ts'
import { readDurations } from './durations.ts'
import type { Settings } from './setting-warnings.ts'
import type { TargetGroups } from './target-groups.ts'
import { readTemplate } from './template.ts'

/** Settings of both groups and of what they are attached to, as they were before anything is begun. */
export async function readSettings(
  clients: AwsClients,
  pair: Pair,
  targetGroups: TargetGroups,
): Promise<Settings> {
  const sources = attachedToAny(pair.groups.map(({ raw }) => raw))
  const [durations, targets, hooks, templates] = await Promise.all([
    readDurations(clients, pair, targetGroups),
    Promise.all(sources.map(async (source) => readExisting(clients, source))),
    Promise.all(
      pair.groups.map(async ({ group }) => [group.name, await readHooks(clients, group.name)] as const),
    ),
    Promise.all(
      pair.groups.map(async (group) => [group.group.name, await readTemplate(clients, group)] as const),
    ),
  ])
  return { durations, targets: targets.flat(), hooks: new Map(hooks), templates: new Map(templates) }
}

/** None where it is gone, which the check of traffic sources names. */
async function readExisting(clients: AwsClients, source: Attached): Promise<SourceSettings[]> {
  try {
    return [await readSource(clients, source)]
  } catch (error) {
    if (['TargetGroupNotFound', 'LoadBalancerNotFound'].includes(errorCode(error))) return []
    throw error
  }
}
