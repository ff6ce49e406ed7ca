import { badImage } from './bad-image.ts'
import { coordinatorKilled } from './coordinator-killed.ts'
import { launchFails } from './launch-fails.ts'
import { neverHealthy } from './never-healthy.ts'
import { scaleOut } from './scale-out.ts'
import type { Scenario } from './scenario.ts'
import { slowDrain } from './slow-drain.ts'
import { spot } from './spot.ts'
import { standbyDies } from './standby-dies.ts'
import { throttled } from './throttled.ts'

/** Every scenario there is, in the order of help and documentation. */
export const scenarios: readonly Scenario[] = [
  badImage,
  neverHealthy,
  scaleOut,
  launchFails,
  standbyDies,
  coordinatorKilled,
  throttled,
  spot,
  slowDrain,
]
