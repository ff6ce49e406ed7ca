import type { AwsClients } from '../aws/clients.ts'
import { errorCode } from '../aws/errors.ts'
import { readHooks, targetGroupArns, type Pair } from '../aws/groups.ts'
import { readTargetGroup, type TargetGroupSettings } from '../run/load-balancer.ts'
import { readDurations } from './durations.ts'
import type { Settings } from './setting-warnings.ts'
import { readTemplate } from './template.ts'

/** Settings of both groups and of what they are attached to, as they were before anything is begun. */
export async function readSettings(clients: AwsClients, pair: Pair): Promise<Settings> {
  const arns = [...new Set(pair.groups.flatMap(({ raw }) => targetGroupArns(raw)))]
  const [durations, targets, hooks, templates] = await Promise.all([
    readDurations(clients, pair),
    Promise.all(arns.map(async (arn) => readExisting(clients, arn))),
    Promise.all(
      pair.groups.map(async ({ group }) => [group.name, await readHooks(clients, group.name)] as const),
    ),
    Promise.all(
      pair.groups.map(async (group) => [group.group.name, await readTemplate(clients, group)] as const),
    ),
  ])
  return { durations, targets: targets.flat(), hooks: new Map(hooks), templates: new Map(templates) }
}

/** None where it is gone, which the check of target groups names. */
async function readExisting(clients: AwsClients, arn: string): Promise<TargetGroupSettings[]> {
  try {
    return [await readTargetGroup(clients, arn)]
  } catch (error) {
    if (errorCode(error) === 'TargetGroupNotFound') return []
    throw error
  }
}
