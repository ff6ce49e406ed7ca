import type { Rest, Rule, Subject } from './rule.ts'

/** Rule 4: no terminated instance in Standby, and none that runs outside its group. */
export function leftoverRule({ interference }: Subject): Rule {
  function rest({ instances, ended }: Rest): string | null {
    for (const { id, group, lifecycle, ec2 } of instances.values()) {
      // What stops by itself, or is ended by others, while it is parked or kept is seen when it is needed.
      const ours = ec2 !== 'stopped' && !interference.harmed.has(id)
      if (group === null && ec2 === 'running' && !interference.detached.has(id))
        return `${id} runs outside any group.`
      if (lifecycle === 'Standby' && ec2 !== 'running' && (ended !== null || ours))
        return `${id} of ${group} is in Standby and ${ec2}.`
    }
    return null
  }
  return { name: '4, nothing left over', rest }
}
