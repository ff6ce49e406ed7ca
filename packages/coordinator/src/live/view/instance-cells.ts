import { formatBytes } from '@switchover/contract/bytes'
import { formatDuration } from '@switchover/contract/duration'
import type { PullProgress } from '@switchover/contract/report'
import { span, type Line, type Signs, type Span, type Style } from './line.ts'
import type { AgentSight, InstanceSight } from './sight.ts'

/** What is shorter is not worth a word. Milliseconds. */
const saidFrom = 5_000

/** Whole seconds: a tenth that moves says more than a look a second knows. */
export function seconds(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1_000))
  return whole < 10 ? `${whole}s` : formatDuration(whole * 1_000)
}

/** From this width on lifecycle and load balancer have columns of their own; below the second, one cell tells where it stands. */
export const wide = 120
export const narrow = 64

export function lifecycleCell({ lifecycle }: Pick<InstanceSight, 'lifecycle'>): Span {
  return span(lifecycle, lifecycle === 'InService' || lifecycle === 'Standby' ? 'dim' : undefined)
}

const balancerStyles: Readonly<Record<string, Style>> = {
  healthy: 'green',
  unhealthy: 'red',
  unavailable: 'red',
  draining: 'yellow',
}

export function balancerCell({ balancer, unhealthy }: InstanceSight, { none }: Signs): Span {
  if (unhealthy) return span('Unhealthy to its group', 'red')
  if (balancer === null) return span(none, 'dim')
  const { state, in: name } = balancer
  const where = name === null || state === 'healthy' ? '' : ` in ${name}`
  return span(`${state}${where}`, balancerStyles[state])
}

/** Lifecycle and load balancer in one: of what serves its health, of anything else where it is. */
export function placeCell(one: InstanceSight, signs: Signs): Line {
  const balancer = balancerCell(one, signs)
  if (one.balancer === null && !one.unhealthy) return [lifecycleCell(one)]
  return one.lifecycle === 'InService' ? [balancer] : [lifecycleCell(one), span(', '), balancer]
}

/** Why a load balancer takes it for unhealthy. */
export function illness({ balancer }: Pick<InstanceSight, 'balancer'>): Span[] {
  const ill = balancer !== null && balancerStyles[balancer.state] === 'red'
  return ill && balancer.reason !== null ? [span(`  ${balancer.reason}`, 'red')] : []
}

/** What the agent does, and of a parked machine that is dead what EC2 says. */
export function agentCell(
  { agent, machine }: Pick<InstanceSight, 'agent' | 'machine'>,
  now: number,
  width: number,
  signs: Signs,
): Line {
  if (machine !== null) return [span(`EC2: ${machine}`, 'red')]
  if (agent === null) return []
  const { phase, trouble, progress } = agent
  if (phase === null) return [span('no report yet', 'dim')]
  if (trouble !== null) return [span(`${phase}: ${trouble.sentence}`, trouble.terminal ? 'red' : 'yellow')]
  if (phase === 'pulling' && progress !== null) return pullSpans(progress, said(agent, now), width, signs)
  return [
    span(phase === 'ready' || phase === 'parked' ? phase : `${phase}${lasted(agent)}${said(agent, now)}`),
  ]
}

/** For how long it had lasted when the agent said so. */
function lasted({ since, saidAt }: AgentSight): string {
  const ms = (saidAt ?? 0) - (since ?? 0)
  return ms < saidFrom ? '' : ` for ${seconds(ms)}`
}

/** How long ago that was, where it was a while. */
function said({ saidAt }: AgentSight, now: number): string {
  const ms = saidAt === null ? 0 : now - saidAt
  return ms < saidFrom ? '' : ` (${seconds(ms)} ago)`
}

/** As far as the agent knew when it reported. */
function pullSpans(progress: PullProgress, ago: string, width: number, signs: Signs): Span[] {
  const { bytes, total, unpacked, bytesPerSecond, remainingMs } = progress
  const rate = `, ${formatBytes(bytesPerSecond)}/s`
  if (total === null)
    return [span(bytes > 0 ? `pulling ${formatBytes(bytes)}${rate}${ago}` : `pulling${ago}`)]
  const left = remainingMs === null ? '' : `, ${seconds(remainingMs)} left`
  if (bytes >= total)
    return [
      span('unpacking '),
      ...barSpans(unpacked, total, width, signs),
      span(`${percent(unpacked, total)}${left}${ago}`),
    ]
  const more = width < 100 ? '' : ` of ${formatBytes(total)}${rate}`
  return [
    span('pulling '),
    ...barSpans(bytes, total, width, signs),
    span(`${percent(bytes, total)}${more}${left}${ago}`),
  ]
}

/** A bar where there is room for one, and a blank after it. */
export function barSpans(bytes: number, total: number, width: number, { full, rest }: Signs): Span[] {
  const cells = width >= wide ? 20 : width >= 100 ? 10 : width >= narrow ? 6 : 0
  if (cells === 0) return []
  const done = Math.floor(share(bytes, total) * cells)
  return [span(full.repeat(done), 'cyan'), span(rest.repeat(cells - done), 'dim'), span(' ')]
}

export function percent(bytes: number, total: number): string {
  return `${Math.floor(share(bytes, total) * 100)} %`
}

export function share(bytes: number, total: number): number {
  return total === 0 ? 1 : Math.min(1, bytes / total)
}
