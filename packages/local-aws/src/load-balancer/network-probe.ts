import type { Clock } from '../clock.ts'
import { httpProbe } from './http-probe.ts'
import type { Probe } from './probe.ts'
import { tcpProbe } from './tcp-probe.ts'

/** Health checks of targets that really listen, over HTTP or TCP as each is to be checked. */
export function networkProbe(clock: Clock): Probe {
  const [overHttp, overTcp] = [httpProbe(clock), tcpProbe(clock)]
  return (check) => (check.path === null ? overTcp(check) : overHttp({ ...check, path: check.path }))
}
