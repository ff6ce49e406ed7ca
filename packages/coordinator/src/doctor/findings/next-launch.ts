import { formatDuration } from '@switchover/contract/duration'
import type { Check, Finding } from './finding.ts'
import { serves } from './views.ts'

/** What the next scale-out or replacement of a group that serves would pull is not there any more. */
export const imageGone: Check = ({ groups, service }) =>
  groups.flatMap(({ group, images }): Finding[] => {
    if (images === null || images.state === 'present') return []
    if (images.state === 'unknown')
      return [
        {
          code: 'image-not-known',
          severity: 'note',
          what: `Not known whether the next launch in ${group.name} finds its image: ${images.sentence}`,
          risk: 'Instances that run are not touched by it.',
          mend: `switchover doctor ${service}`,
          fix: null,
        },
      ]
    return [
      {
        code: 'image-gone',
        severity: 'danger',
        what: images.sentence,
        risk: `The next scale-out or replacement in ${group.name} would never become ready.`,
        mend: `switchover deploy ${service} ANOTHER-VERSION, or push what is missing again`,
        fix: null,
      },
    ]
  })

/**
 * A new instance counts as unhealthy before it can be up, and is replaced for ever. A launch hook keeps it out of
 * service, and so out of reach of the grace period, until its agent is ready (Auto Scaling user guide, health-check-grace-period).
 */
export const shortGrace: Check = ({ groups, bootMs }) =>
  groups.flatMap((one): Finding[] => {
    const { group, graceMs, heedsLoadBalancer } = one
    if (bootMs === null || graceMs >= bootMs || !heedsLoadBalancer || group.hooks.launching.length > 0)
      return []
    const seconds = Math.ceil((bootMs * 1.5) / 1_000)
    return [
      {
        code: 'short-grace',
        severity: serves(one) ? 'danger' : 'warning',
        what: `${group.name} gives new instances ${formatDuration(graceMs)} before health checks count; they took up to ${formatDuration(bootMs)} to be ready, and no launch hook waits for them.`,
        risk: 'Instances are ended as unhealthy before they are up, over and over.',
        mend: `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${group.name} --health-check-grace-period ${seconds}`,
        fix: null,
      },
    ]
  })
