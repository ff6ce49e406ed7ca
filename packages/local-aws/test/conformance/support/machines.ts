import type { Cloud } from '../../../src/cloud.ts'
import type { Machine, MachineEvents, MachineKind, MachineSpec } from '../../../src/instances/kind.ts'
import type { CheckResult, Probe } from '../../../src/load-balancer/probe.ts'

const launchMs = 4_000
const bootMs = 6_000
const shutDownMs = 3_000

/** Answered with 200 on port 8080; every other path with 404. */
export const healthPath = '/ok'
export const port = 8_080

/** The same machine as user-data of a real one; python3 is part of Amazon Linux 2023. */
export const userData = Buffer.from(
  `#!/bin/sh\ncd "$(mktemp -d)" && echo ok > ok && exec python3 -m http.server ${port}\n`,
).toString('base64')

/** Machines without an agent of ours, which no statement about AWS should need: a web server, some seconds after the start. */
export function plainMachines(cloud: Cloud): MachineKind {
  const servesFrom = new Map<string, number>()
  let lastHost = 0
  const probe: Probe = async ({ ip, port: asked, path, timeoutMs, okStatus }): Promise<CheckResult> => {
    const from = servesFrom.get(ip)
    if (from === undefined) {
      await new Promise<void>((done) => void cloud.clock.after(timeoutMs, done))
      return { ok: false, reason: 'Target.Timeout', description: 'Request timed out' }
    }
    if (cloud.clock.now() < from || asked !== port)
      return { ok: false, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }
    const status = path === healthPath ? 200 : 404
    if (path === null || okStatus(status)) return { ok: true }
    const description = `Health checks failed with these codes: [${status}]`
    return { ok: false, reason: 'Target.ResponseCodeMismatch', description }
  }
  const start = (spec: MachineSpec, events: MachineEvents): Machine => {
    const boot = (): void => void servesFrom.set(spec.ip, cloud.clock.now() + bootMs)
    const cancel = cloud.clock.after(launchMs, () => {
      events.running()
      boot()
    })
    return {
      async terminate() {
        cancel()
        await new Promise<void>((done) => void cloud.clock.after(shutDownMs, done))
        servesFrom.delete(spec.ip)
      },
      async reboot() {
        boot()
      },
    }
  }
  return {
    name: 'virtual',
    probe,
    nextIp: () => `10.0.${(++lastHost >> 8) & 255}.${lastHost & 255}`,
    start,
    async close() {
      servesFrom.clear()
    },
  }
}
