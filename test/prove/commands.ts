import { deploy } from '@switchover/coordinator/commands/deploy'
import { finish } from '@switchover/coordinator/commands/finish'
import { rollback } from '@switchover/coordinator/commands/rollback'
import type { Ports } from '@switchover/coordinator/run/ports'
import { common, v2 } from '../../packages/coordinator/test/support/options.ts'
import { ownScaling } from '../../packages/coordinator/test/support/scaling.ts'
import { leaveBehind, lowerMin } from '../support/leave-behind.ts'
import { repository } from '../support/virtual-service.ts'
import { interrupted, type Step } from './scene.ts'

/** A command that is killed, and what comes before it. */
export type Subject = Readonly<{
  args: readonly string[]
  /** Instances that serve v1 at first. */
  instances: number
  before: readonly Step[]
  /** Goes on when it is given again; all others by `switchover resume`. */
  again?: true
}>

const options = { ...v2, image: repository, digest: true }
const given =
  (work: (ports: Ports) => Promise<{ exitCode: number; text: string }>): Step =>
  async ({ ports }) => {
    const { exitCode, text } = await work(ports)
    if (exitCode !== 0)
      throw new Error(`A command before the one that is killed ended with ${exitCode}: ${text}`)
  }
const deployed = given((ports) => deploy(ports, options))
const canary = given((ports) => deploy(ports, { ...options, canary: { count: 1 } }))
const kept = given((ports) => rollback(ports, { ...common, keep: 1 }))
const finished = given((ports) => finish(ports, common))

/** Once a year, on the first of January, and once in the year 2100: neither is due while a proof runs. */
const scheduledAt = Date.UTC(2100, 0, 1)
const scaling: Step = ({ clients }) =>
  ownScaling({ clients, time: { now: () => scheduledAt } }, 'web-blue', '0 22 1 1 *')

const deployArgs = ['deploy', 'web', 'v2', '--image', repository]
const serving = { instances: 3 }

/** Every command that changes anything, by the name it is asked for with. */
export const subjects: Readonly<Record<string, Subject>> = {
  deploy: { ...serving, before: [], args: deployArgs },
  'deploy-canary': { ...serving, before: [], args: [...deployArgs, '--canary', '1'] },
  promote: { ...serving, before: [canary], args: ['promote', 'web'] },
  rollback: { ...serving, before: [deployed], args: ['rollback', 'web'] },
  'rollback-canary': { ...serving, before: [canary], args: ['rollback', 'web'] },
  'rollback-before-switch': {
    ...serving,
    before: [interrupted(deployArgs, 'before', 'SuspendProcesses')],
    args: ['rollback', 'web'],
  },
  'rollback-keep': { ...serving, before: [deployed], args: ['rollback', 'web', '--keep', '1'] },
  finish: { ...serving, before: [deployed], args: ['finish', 'web'] },
  'finish-kept': { ...serving, before: [deployed, kept], args: ['finish', 'web'] },
  resume: { ...serving, before: [interrupted(deployArgs, 'after', 'EnterStandby')], args: ['resume', 'web'] },
  'first-deploy': { instances: 0, before: [], args: [...deployArgs, '--desired', '3'] },
  'deploy-scaling': { ...serving, before: [scaling], args: deployArgs },
  'rollback-scaling': { ...serving, before: [scaling, deployed], args: ['rollback', 'web'] },
  'finish-scaling': { ...serving, before: [scaling, deployed], args: ['finish', 'web'] },
  'doctor-fix': {
    instances: 2,
    before: [({ service }) => lowerMin(service), deployed, finished, ({ service }) => leaveBehind(service)],
    args: ['doctor', 'web', '--fix'],
    again: true,
  },
}
