import type { Check, Finding } from './finding.ts'

/** What could not be looked at may hide anything: not being able to look is no clean bill. */
export const unseen: Check = ({ unseen, service }) =>
  unseen.map((what): Finding => ({
    code: 'not-looked-at',
    severity: 'warning',
    what,
    risk: 'Leftovers of that kind would not be seen.',
    mend: `switchover doctor ${service}, once it can be read`,
    fix: null,
  }))
