import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'

/** What a group is attached to: a target group by its ARN (`elbv2`), a classic load balancer by its name (`elb`). */
export type Attached = Readonly<{ type: 'elbv2' | 'elb'; id: string }>

type Attachments = Partial<Pick<AutoScalingGroup, 'LoadBalancerNames' | 'TargetGroupARNs' | 'TrafficSources'>>

/** Everything a group is attached to, whichever of the ways it was attached, each once and always in the same order. */
export function attachedTo(raw: Attachments): Attached[] {
  const sources = raw.TrafficSources ?? []
  const of = (type: Attached['type'], listed: readonly string[] = []): Attached[] => {
    const ids = sources.flatMap(({ Type, Identifier }) => (Type === type ? (Identifier ?? []) : []))
    return [...new Set([...listed, ...ids])].toSorted().map((id) => ({ type, id }))
  }
  return [...of('elb', raw.LoadBalancerNames), ...of('elbv2', raw.TargetGroupARNs)]
}

/** Everything any of these groups is attached to. */
export function attachedToAny(groups: readonly AutoScalingGroup[]): Attached[] {
  const all = groups.flatMap(attachedTo)
  return all.filter((one, at) => all.findIndex(({ type, id }) => type === one.type && id === one.id) === at)
}

export function sameSources(a: readonly Attached[], b: readonly Attached[]): boolean {
  return a.map(({ type, id }) => `${type} ${id}`).join() === b.map(({ type, id }) => `${type} ${id}`).join()
}

/** Name of a classic load balancer; NAME of arn:…:targetgroup/NAME/ID. */
export function sourceName({ id }: Attached): string {
  return id.split('/')[1] ?? id
}
