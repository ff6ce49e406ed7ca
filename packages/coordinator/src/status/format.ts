import { formatDuration } from '@switchover/contract/duration'
import { columns } from '../columns.ts'
import type { RollbackReadiness } from './judge/rollback-readiness.ts'
import type { ActivityStatus, DeploymentStatus, GroupStatus, InstanceStatus, ServiceStatus } from './model.ts'

/** A service's state as people read it: one line a group, one an instance; ends with a newline. */
export function formatStatus(status: ServiceStatus): string {
  const lines = [`${status.service}  ${status.store}`]
  for (const group of status.groups) lines.push('', ...formatGroup(group))
  lines.push('', formatDeployment(status), ...formatRollback(status.rollback), formatLease(status.lease))
  const next = nextCommand(status)
  if (next !== null) lines.push(`next: ${next}`)
  return `${lines.join('\n')}\n`
}

/** The same in one sentence. */
export function summarise({ service, groups, deployment, lease }: ServiceStatus): string {
  const live = groups.filter(({ role }) => role === 'live')
  const serving = live.map((group) => `${group.version ?? 'no version'} is live on ${group.name}`).join(', ')
  const open = deployment
    ? `${deployment.version} ${interrupted(deployment, lease) ? 'was' : 'is'} ${sayStage(deployment, lease)}`
    : 'no deployment is open'
  return `${service}: ${serving || 'nothing is live'}; ${open}.`
}

/** The command that goes on from here, where one is needed. */
export function nextCommand({ service, deployment, lease }: ServiceStatus): string | null {
  if (!deployment || (lease && !lease.expired)) return null
  if (interrupted(deployment, lease)) return `switchover resume ${service}`
  if (deployment.stage === 'canary') return `switchover promote ${service}, or switchover rollback ${service}`
  if (deployment.stage === 'kept') return `switchover finish ${service}`
  return deployment.stage === 'held'
    ? `switchover rollback ${service}, or switchover resume ${service}`
    : `switchover finish ${service}, or switchover rollback ${service}`
}

function formatGroup(group: GroupStatus): string[] {
  const sizes = `min ${group.min}, max ${group.max}, desired ${group.desired}`
  const head = `${group.name}  ${group.role}  ${group.version ?? 'no version'}  ${sizes}  ${sayCounts(group.instances)}`
  const suspended = group.suspended.length > 0 ? [`  suspended: ${group.suspended.join(', ')}`] : []
  const instances = columns(group.instances.map(instanceRow))
  const activities = columns(group.activities.map((one) => [toSecond(one.at), one.state, activityText(one)]))
  return [
    head,
    ...suspended,
    ...instances.map((line) => `  ${line}`),
    ...(activities.length > 0 ? ['  lately:'] : []),
    ...activities.map((line) => `    ${line}`),
  ]
}

function formatRollback(rollback: RollbackReadiness | null): string[] {
  if (!rollback) return []
  const { ready, reasons, notes, estimateMs } = rollback
  const time =
    estimateMs === null
      ? 'how long it would take is not known'
      : `about ${formatDuration(estimateMs)} until all new traffic is back`
  return [
    `rollback: ${ready ? 'READY' : 'NOT READY'}, ${time}`,
    ...[...reasons, ...notes].map((line) => `  ${line}`),
  ]
}

/** What was done, and of a failure why it failed; what else AWS gives as the cause is why it was begun. */
function activityText({ state, text }: ActivityStatus): string {
  return state === 'Failed' ? text : (text.split('; ')[0] ?? text)
}

/** An ISO time without its milliseconds. */
function toSecond(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z')
}

function sayCounts(instances: readonly InstanceStatus[]): string {
  if (instances.length === 0) return 'no instances'
  const counts = new Map<string, number>()
  for (const { lifecycle } of instances) counts.set(lifecycle, (counts.get(lifecycle) ?? 0) + 1)
  return [...counts].map(([lifecycle, count]) => `${count} ${lifecycle}`).join(', ')
}

function instanceRow({ id, lifecycle, loadBalancer, machine, report }: InstanceStatus): string[] {
  const dead = machine !== null && machine !== 'running' ? `EC2: ${machine}` : ''
  const said = report ? `${report.phase} since ${toSecond(report.since)}` : 'no report'
  const reason = report?.reason?.sentence ?? ''
  const remarks = [dead, reason, report ? sayNotice(report) : ''].filter(Boolean).join('; ')
  return [id, lifecycle, loadBalancer ?? 'not registered', said, remarks]
}

/** What EC2 told a Spot instance. */
function sayNotice({ interruption, rebalanceRecommended }: NonNullable<InstanceStatus['report']>): string {
  if (interruption) return `Spot: EC2 takes it back (${interruption.action}) at ${toSecond(interruption.at)}`
  return rebalanceRecommended === undefined
    ? ''
    : `Spot: replacing it is recommended since ${toSecond(rebalanceRecommended)}`
}

function formatDeployment({ deployment, lease }: ServiceStatus): string {
  if (!deployment) return 'no open deployment'
  const failure = deployment.failure ? `\n  failed: ${deployment.failure.sentence}` : ''
  return `deployment ${deployment.id}: ${deployment.version}, ${sayStage(deployment, lease)}, begun ${toSecond(deployment.startedAt)}${failure}`
}

/** Nobody brings it on. */
function interrupted({ stage }: DeploymentStatus, lease: ServiceStatus['lease']): boolean {
  return stage === 'running' && (lease === null || lease.expired)
}

function sayStage(deployment: DeploymentStatus, lease: ServiceStatus['lease']): string {
  const { stage, goal, watchedUntil } = deployment
  const words = {
    canary: 'coming up as a canary',
    deploy: 'being deployed',
    rollback: 'being rolled back',
    finish: 'being finished',
  } as const
  if (stage === 'canary') return 'a canary beside the live group'
  if (stage === 'parked') return 'deployed, the old instances are parked'
  if (stage === 'kept') return 'rolled back, some of its instances are kept'
  if (stage === 'held') return 'held after a failure'
  if (interrupted(deployment, lease))
    return `interrupted while ${watchedUntil === null ? words[goal] : 'being watched'}`
  return watchedUntil === null ? words[goal] : `watched until ${toSecond(watchedUntil)}`
}

function formatLease(lease: ServiceStatus['lease']): string {
  if (!lease) return 'nobody holds the lease'
  return lease.expired
    ? `the lease of ${lease.owner} ran out at ${toSecond(lease.expiresAt)}`
    : `lease held by ${lease.owner} until ${toSecond(lease.expiresAt)}`
}
