import { parseStoreUrl } from '@switchover/contract/store'
import { readGroupTags, tagKey } from '@switchover/contract/tags'
import { list } from '../../decide/words.ts'
import type { Facts } from './facts.ts'
import type { Check, Finding } from './finding.ts'
import { serves } from './views.ts'

/** A service is two groups with one store behind the same load balancers. */
export const pair: Check = (facts) => [
  ...notTwo(facts),
  ...stores(facts),
  ...sources(facts),
  ...unreadableTags(facts),
]

function notTwo({ groups, service }: Facts): Finding[] {
  if (groups.length === 2) return []
  const names = list(groups.map(({ group }) => group.name))
  const one = groups.length === 1
  const surplus = groups.find((each) => !serves(each)) ?? groups.at(-1)
  return [
    {
      code: 'not-a-pair',
      severity: 'danger',
      what: `${one ? 'Only one group has' : `${groups.length} groups have`} the tag ${tagKey.service}=${service}: ${names}.`,
      risk: 'No deployment, rollback or finish finds its pair, so that all of them refuse.',
      mend: one
        ? `aws autoscaling create-or-update-tags --tags ResourceId=OTHER-GROUP,ResourceType=auto-scaling-group,Key=${tagKey.service},Value=${service},PropagateAtLaunch=true`
        : `aws autoscaling delete-tags --tags ResourceId=${surplus?.group.name},ResourceType=auto-scaling-group,Key=${tagKey.service}`,
      fix: null,
    },
  ]
}

function stores({ groups }: Facts): Finding[] {
  const urls = groups.map(({ group }) => group.tags[tagKey.store])
  const [wanted = 's3://BUCKET/PREFIX'] = urls.filter(
    (url) => url !== undefined && parseStoreUrl(url) !== null,
  )
  return groups.flatMap(({ group }, index) =>
    urls[index] === wanted
      ? []
      : [
          {
            code: 'store-differs',
            severity: 'danger' as const,
            what: `The tag ${tagKey.store} of ${group.name} is ${urls[index] ?? 'missing'}, not ${wanted}.`,
            risk: 'Agents and coordinator would look in different places, so that every command refuses.',
            mend: `aws autoscaling create-or-update-tags --tags ResourceId=${group.name},ResourceType=auto-scaling-group,Key=${tagKey.store},Value=${wanted},PropagateAtLaunch=false`,
            fix: null,
          },
        ],
  )
}

function sources({ groups }: Facts): Finding[] {
  const [first, ...others] = groups
  const other = others.find(({ sources }) => sources.join() !== first?.sources.join())
  if (!first || !other) return []
  const [a, b] = [first, other].map(({ group, sources }) => `${group.name} to ${list(sources) || 'none'}`)
  return [
    {
      code: 'load-balancers-differ',
      severity: 'danger',
      what: `The groups are attached to different load balancers: ${a}; ${b}.`,
      risk: 'A switch would take traffic from one to nowhere, so that deploy and rollback refuse.',
      mend: `aws autoscaling attach-traffic-sources --auto-scaling-group-name ${other.group.name} --traffic-sources Identifier=${first.sources[0] ?? 'TARGET-GROUP-ARN'}`,
      fix: null,
    },
  ]
}

/** Missing stores have a finding of their own. */
function unreadableTags({ groups }: Facts): Finding[] {
  return groups.flatMap(({ group }) => {
    const read = readGroupTags({ ...group.tags, [tagKey.store]: 's3://bucket' })
    return read.ok
      ? []
      : [
          {
            code: 'tags-unreadable',
            severity: 'danger' as const,
            what: `${group.name}: ${read.problem}`,
            risk: 'An instance that is launched there cannot tell what to run.',
            mend: `aws autoscaling describe-tags --filters Name=auto-scaling-group,Values=${group.name}`,
            fix: null,
          },
        ]
  })
}
