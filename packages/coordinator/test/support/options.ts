import type { DeployOptions } from '../../src/commands/options.ts'

/** Options of a command as the command line gives them by default. */
export const common = { service: 'web', leaseMs: 30_000 }
export const v2: DeployOptions = {
  ...common,
  version: 'v2',
  bundle: null,
  image: null,
  digest: false,
  insecureRegistries: [],
  dockerConfig: '/nonexistent',
  desired: null,
  release: 'each',
  readiness: 'agent',
  onFailure: 'rollback',
  canary: null,
  bakeMs: null,
  alarms: [],
  ignoreAlarms: false,
  finishAfterMs: null,
  scaling: null,
  finishPrevious: false,
  timeoutMs: 1_800_000,
  notify: null,
  plan: false,
}
