import type { MachineKind } from '../instances/kind.ts'

/** Machines without a network of their own: tests listen on this host's for them. */
export const machines: MachineKind = {
  name: 'virtual',
  nextIp: () => '127.0.0.1',
  start: (_spec, events) => {
    queueMicrotask(() => events.running())
    return { async terminate() {}, async reboot() {} }
  },
  async close() {},
}
