import type { MachineKind } from './kind.ts'

/** No machines: for an account in which nothing is launched, as where only S3, STS or ECR are used. */
export const noMachines: MachineKind = {
  name: 'virtual',
  probe: async () => ({
    ok: false,
    reason: 'Target.FailedHealthChecks',
    description: 'Health checks failed',
  }),
  nextIp: () => '127.0.0.1',
  start() {
    throw new Error('This account has no machines to start.')
  },
  async close() {},
}
