import { execa } from 'execa'
import { errorText } from './failure.ts'
import type { Log } from './log.ts'

export type Systemd = {
  /** How long the watchdog waits to be fed, null where none does. */
  watchdogMs: number | null
  /** Tells the service manager something, `READY=1`; failing to is logged and nothing more. */
  notify(...fields: string[]): Promise<void>
  /** Whether the whole machine goes down: what tells a stop of the agent from a stop of the app. */
  machineStops(): Promise<boolean>
}

const programMs = 5_000

/**
 * The service manager. Notifications go through systemd-notify(1), since Node has no datagram sockets of the Unix
 * family; the unit therefore needs NotifyAccess=all.
 */
export function systemd(options: {
  notifySocket: string | null
  watchdogMs: number | null
  path: string
  log: Log
}): Systemd {
  const { notifySocket, watchdogMs, path, log } = options
  return {
    watchdogMs,
    notify: async (...fields) => {
      if (notifySocket === null) return
      try {
        await execa('systemd-notify', fields, {
          env: { PATH: path, NOTIFY_SOCKET: notifySocket },
          extendEnv: false,
          stdin: 'ignore',
          timeout: programMs,
        })
      } catch (error) {
        log.warn(`systemd-notify failed: ${errorText(error)}`)
      }
    },
    machineStops: async () => {
      const result = await execa('systemctl', ['is-system-running'], {
        env: { PATH: path },
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
        timeout: programMs,
      })
      return result.stdout.trim() === 'stopping'
    },
  }
}
