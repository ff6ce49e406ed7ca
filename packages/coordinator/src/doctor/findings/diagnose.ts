import { alarmsAside } from './alarms.ts'
import type { Facts } from './facts.ts'
import { severities, type Check, type Finding } from './finding.ts'
import { slowDrain, slowHealthChecks } from './load-balancers.ts'
import { imageGone, shortGrace } from './next-launch.ts'
import { pair } from './pair.ts'
import { atWork, expiredLease, held, interrupted, parkedFleet, unfinished } from './record.ts'
import { halfMoved } from './scaling.ts'
import {
  bothServing,
  deadStandby,
  nothingServes,
  orphanStandby,
  protectedAside,
  strayInstances,
} from './serving.ts'
import { idleNotAtZero, minNotRestored } from './sizes.ts'
import { cannotLaunch, suspendedByOthers, suspendedByUs } from './suspensions.ts'
import { unseen } from './unseen.ts'
import { idleVersion, movedTag, otherVersion } from './versions.ts'

/** Within one severity, what comes first here is told first. */
const checks: readonly Check[] = [
  atWork,
  unseen,
  pair,
  nothingServes,
  bothServing,
  interrupted,
  held,
  otherVersion,
  imageGone,
  orphanStandby,
  deadStandby,
  strayInstances,
  suspendedByUs,
  cannotLaunch,
  suspendedByOthers,
  minNotRestored,
  idleNotAtZero,
  idleVersion,
  movedTag,
  halfMoved,
  alarmsAside,
  unfinished,
  parkedFleet,
  expiredLease,
  protectedAside,
  shortGrace,
  slowDrain,
  slowHealthChecks,
]

/** Every leftover, the worst first. */
export function diagnose(facts: Facts): Finding[] {
  const found = checks.flatMap((check) => check(facts))
  return found.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}
