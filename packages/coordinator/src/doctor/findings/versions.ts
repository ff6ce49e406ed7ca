import { digestFor, readGroupTags, tagKey, type GroupTags } from '@switchover/contract/tags'
import type { Report } from '@switchover/contract/report'
import { inService } from '../../decide/fleet.ts'
import { retag, versionTags } from '../../decide/tags.ts'
import type { StepOf } from '../../decide/step.ts'
import { list } from '../../decide/words.ts'
import type { Check, Finding } from './finding.ts'
import { liveOf, nothingOpen, serves, underWay } from './views.ts'

/** The version was pushed anew since it was deployed, or its tag was deleted: it names other bytes than the ones that run. */
export const movedTag: Check = ({ groups }) =>
  groups.flatMap(({ group, resolved }) =>
    resolved.flatMap(({ repository, tagged, found }): Finding[] => {
      if (found === tagged) return []
      const version = group.tags[tagKey.version] ?? ''
      return [
        {
          code: 'moved-tag',
          severity: 'warning',
          what:
            found === null
              ? `${repository}:${version} is no tag in its registry any more; ${group.name} runs ${tagged}.`
              : `${repository}:${version} is ${found} in its registry; ${group.name} runs ${tagged}.`,
          risk: `Instances go on by digest, but whoever deploys or looks up ${version} gets something else.`,
          mend: `docker buildx imagetools create --tag ${repository}:${version} ${repository}@${tagged}`,
          fix: null,
        },
      ]
    }),
  )

/** An instance that serves and says it runs something else than its group's tags. */
export const otherVersion: Check = (facts) => {
  if (underWay(facts)) return []
  return facts.groups.flatMap((one): Finding[] => {
    const read = readGroupTags(one.group.tags)
    if (!read.ok || !serves(one) || read.tags.version === null) return []
    const others = inService(one.group).flatMap(({ id }) => {
      const difference = differenceOf(read.tags, facts.reports.get(id))
      return difference === null ? [] : [`${id} (${difference})`]
    })
    if (others.length === 0) return []
    return [
      {
        code: 'other-version',
        severity: 'danger',
        what: `Not what the tags of ${one.group.name} say, ${read.tags.version}: ${list(others)}.`,
        risk: 'Requests are answered by something else than status shows; an instance never follows a changed tag.',
        mend: `aws autoscaling terminate-instance-in-auto-scaling-group --no-should-decrement-desired-capacity --instance-id ${others[0]?.split(' ')[0] ?? ''}`,
        fix: null,
      },
    ]
  })
}

function differenceOf(tags: GroupTags, report: Report | undefined): string | null {
  if (!report || report.version === null) return null
  if (report.version !== tags.version) return `runs ${report.version}`
  if (tags.bundle !== null && report.bundle !== null && report.bundle !== tags.bundle)
    return `uses bundle ${report.bundle}`
  const wrong = report.images.find(({ service, digest }) => {
    const expected = digestFor(tags.digests, service)
    return expected !== null && expected !== digest
  })
  return wrong ? `runs ${wrong.digest} as ${wrong.service}` : null
}

/** The idle group's tags decide what an accidental launch would serve: the live version, and nothing else. */
export const idleVersion: Check = (facts) => {
  const live = liveOf(facts)?.group
  if (!live || !nothingOpen(facts)) return []
  const wanted = versionTags(live)
  return facts.groups.flatMap(({ group }): Finding[] => {
    // A group that was never deployed to has nothing to launch by mistake yet.
    if (group === live || group.instances.length > 0 || group.tags[tagKey.version] === undefined) return []
    const what = `${group.name} is idle and tagged ${group.tags[tagKey.version]}; live is ${live.tags[tagKey.version] ?? 'without a version'}, on ${live.name}.`
    const others = { [tagKey.release]: null, [tagKey.deployment]: null }
    const step = retag(group, wanted, others, what)
    if (step?.kind !== 'tag' || wanted[tagKey.version] === undefined || onlyOthers(step)) return []
    return [
      {
        code: 'idle-version',
        severity: 'warning',
        what,
        risk: 'An accidental launch there would serve the wrong version.',
        mend: tagCommands(group.name, step),
        fix: { kind: 'steps', steps: [step] },
      },
    ]
  })
}

/** Nothing but the traces of an earlier deployment, which say nothing of what is launched. */
function onlyOthers({ set, remove }: StepOf<'tag'>): boolean {
  return (
    Object.keys(set).length === 0 &&
    remove.every((key) => key === tagKey.release || key === tagKey.deployment)
  )
}

function tagCommands(group: string, { set, remove }: StepOf<'tag'>): string {
  const named = (key: string) => `ResourceId=${group},ResourceType=auto-scaling-group,Key=${key}`
  const wanted = Object.entries(set).map(
    ([key, value]) => `${named(key)},Value=${value},PropagateAtLaunch=false`,
  )
  return [
    ...(wanted.length > 0 ? [`aws autoscaling create-or-update-tags --tags ${wanted.join(' ')}`] : []),
    ...(remove.length > 0 ? [`aws autoscaling delete-tags --tags ${remove.map(named).join(' ')}`] : []),
  ].join(', then ')
}
