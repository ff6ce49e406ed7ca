import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import type { CommonOptions } from '../commands/options.ts'
import { finish } from '../commands/finish.ts'
import { resume } from '../commands/resume.ts'
import { rollback } from '../commands/rollback.ts'
import type { ResultEvent } from '../events.ts'
import type { Ports } from '../run/ports.ts'
import type { Host } from './host.ts'
import { count, readPercent, service, withChanging, withCommon, withHelp } from './options.ts'
import type { Changing } from './options.ts'
import { perform } from './perform.ts'

export type Done = (exitCode: number) => void

/** How a command on an open deployment may exit besides 0. */
export const codes = [
  '1    failed; the service is safe',
  '2    cannot be done as asked, or nothing to do it with; nothing was changed',
  '3    another run holds the lease',
  '4    a person must decide',
  '130  interrupted; `switchover resume` goes on',
]

/** For a run that is stopped in order to go back. */
export function rollBackOf({ service, leaseMs }: CommonOptions): (ports: Ports) => Promise<ResultEvent> {
  return async (ports) => rollback(ports, { service, leaseMs })
}

export function addRollback(program: Command, host: Host, done: Done): void {
  const command = program
    .command('rollback')
    .summary('return to the version before; launches nothing')
    .description(
      'Return the parked instances to the load balancer, wait until they are healthy, and end the new ones. ' +
        'Launches nothing, unless parked instances died or the service has grown. ' +
        'Works at any time between the start of a deployment and its finish.',
    )
    .argument('<SERVICE>', 'name of the service', service)
    .option(
      '--keep <n>',
      'leave up to N new instances in Standby for a post-mortem, until `finish` ends them: first those whose agent gave up, ' +
        'then unhealthy ones, then others; one that is still launching cannot be kept',
      count,
    )
    .option(
      '--floor <percent>',
      'for emergencies: let the new instances go once 1% to 100% of what is needed serves from the old ones (default: 100%)',
      floor,
    )
  withHelp(
    withCommon(withChanging(command)),
    ['switchover rollback web --keep 1', 'switchover rollback web --floor 50% --yes'],
    ['0    rolled back', ...codes],
  )
  command.action(async (name: string) => {
    done(
      await perform(host, command, () => ({
        doing: `rolling ${name} back`,
        question: command.opts<Changing>().yes
          ? null
          : `Return ${name} to its version before, and end the instances of the new one?`,
        cutShort: false,
        deployment: { service: name, rollBack: null },
        work: async (ports) => {
          const { lease, keep, floor } = command.opts<Changing & { keep?: number; floor?: number }>()
          return rollback(ports, {
            service: name,
            leaseMs: lease,
            ...(keep === undefined ? {} : { keep }),
            ...(floor === undefined ? {} : { floor }),
          })
        },
      })),
    )
  })
}

function floor(text: string): number {
  const percent = readPercent(text)
  if (percent !== null) return percent
  throw new InvalidArgumentError('It must be 1% to 100%.')
}

export function addFinish(program: Command, host: Host, done: Done): void {
  const command = program
    .command('finish')
    .summary('end the parked instances of the version before')
    .description(
      'Take the parked instances out of their group and terminate them. There is no rollback after it. ' +
        'After `rollback --keep` it ends what was kept. ' +
        'Refused while an alarm that the deployment was given rings.',
    )
    .argument('<SERVICE>', 'name of the service', service)
    .option('--ignore-alarms', 'finish though an alarm of the deployment rings', false)
  withHelp(
    withCommon(withChanging(command)),
    ['switchover finish web', 'switchover finish web --yes --region ap-northeast-2'],
    ['0    finished', ...codes],
  )
  command.action(async (name: string) => {
    done(
      await perform(host, command, () => ({
        doing: `finishing the deployment of ${name}`,
        question: command.opts<Changing>().yes
          ? null
          : `Terminate the parked instances of ${name}? There is no rollback after it.`,
        cutShort: false,
        deployment: { service: name, rollBack: null },
        work: async (ports) =>
          finish(ports, {
            service: name,
            leaseMs: command.opts<Changing>().lease,
            ignoreAlarms: command.opts<{ ignoreAlarms: boolean }>().ignoreAlarms,
          }),
      })),
    )
  })
}

export function addResume(program: Command, host: Host, done: Done): void {
  const command = program
    .command('resume')
    .summary('go on with what was interrupted')
    .description(
      'Go on with a deployment, rollback or finish that was interrupted, from any machine. ' +
        'Waits until the lease of the run before has ended.',
    )
    .argument('<SERVICE>', 'name of the service', service)
    .option('--take-over', 'do not wait for the lease of the run before; only where it is surely dead', false)
  withHelp(
    withCommon(withChanging(command)),
    ['switchover resume web', 'switchover resume web --take-over --yes'],
    ['0    done, or nothing to resume', ...codes],
  )
  command.action(async (name: string) => {
    done(
      await perform(host, command, () => ({
        doing: `resuming ${name}`,
        question: command.opts<Changing>().yes ? null : `Go on with what was interrupted on ${name}?`,
        cutShort: false,
        deployment: {
          service: name,
          rollBack: rollBackOf({ service: name, leaseMs: command.opts<Changing>().lease }),
        },
        work: async (ports) =>
          resume(ports, {
            service: name,
            leaseMs: command.opts<Changing>().lease,
            takeOver: command.opts<{ takeOver: boolean }>().takeOver,
          }),
      })),
    )
  })
}
