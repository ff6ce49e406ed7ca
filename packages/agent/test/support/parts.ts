import type { Parts } from '../../src/parts.ts'
import { cloudOf } from './cloud.ts'
import { composeOf } from './compose.ts'
import { engineOf } from './engine.ts'
import type { Machine } from './machine.ts'
import { metadataOf } from './metadata.ts'

/** What an agent on a machine in memory is given. */
export function partsOf(machine: Machine): Parts {
  const said = (text: string) => void machine.log.push(text)
  return {
    clock: machine.clock,
    random: () => 0.5,
    log: { info: said, warn: said, error: (text) => said(`error: ${text}`) },
    counters: machine.counters,
    imds: metadataOf(machine),
    cloud: () => Promise.resolve(cloudOf(machine)),
    engine: engineOf(machine),
    room: () => Promise.resolve({ ...machine.disk }),
    compose: composeOf(machine),
    systemd: {
      watchdogMs: machine.watchdogMs,
      notify: (...fields) => {
        if (fields.includes('WATCHDOG=1')) machine.fed.push(machine.clock.now())
        return Promise.resolve()
      },
      machineStops: () => Promise.resolve(machine.stops),
    },
    stateDirectory: machine.state,
    bootId: machine.bootId,
  }
}
