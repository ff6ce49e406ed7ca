import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { CanarySize, DeployOptions } from '../commands/options.ts'
import { count, duration, readPercent } from './options.ts'

/** Options of `deploy` about watching a version before it is trusted. */
export type Watching = {
  canary?: CanarySize
  bake?: number
  alarm: string[]
  ignoreAlarms: boolean
  finishAfter?: number
}

export function withWatching(command: Command): Command {
  return command
    .optionsGroup('Watching it before it is trusted:')
    .option(
      '--canary <n>',
      'bring up N new instances, or P% of live, beside the whole live group, until `promote` or `rollback`; fewer than live has',
      canarySize,
    )
    .option(
      '--bake <duration>',
      'with --canary: watch the canaries for so long, then promote; without: watch the new fleet with the old one parked. ' +
        'Alarms are watched, and instances, also where there is no alarm. A failure ends it as --on-failure says',
      duration,
    )
    .addOption(
      new Option(
        '--alarm <name>',
        'CloudWatch alarm, metric or composite, that ends the deployment when it rings; refused if it rings already (repeatable)',
      )
        .argParser((text: string, before: readonly string[]) => [...before, alarmName(text)])
        .default([], 'none'),
    )
    .option('--ignore-alarms', 'deploy though alarms ring already; those are not heeded any more', false)
    .option(
      '--finish-after <duration>',
      'after the switch, and the bake, keep the old fleet parked and the alarms watched for so long; then finish',
      duration,
    )
}

export function watchOptions(
  options: Watching,
): Pick<DeployOptions, 'canary' | 'bakeMs' | 'alarms' | 'ignoreAlarms' | 'finishAfterMs'> {
  return {
    canary: options.canary ?? null,
    bakeMs: options.bake ?? null,
    alarms: options.alarm,
    ignoreAlarms: options.ignoreAlarms,
    finishAfterMs: options.finishAfter ?? null,
  }
}

/** `N` or `P%`. */
function canarySize(text: string): CanarySize {
  if (!text.endsWith('%')) return { count: count(text) }
  const percent = readPercent(text)
  if (percent !== null) return { percent }
  throw new InvalidArgumentError('It must be a whole number of instances, or 1% to 100% of the live group.')
}

function alarmName(text: string): string {
  if (text.length > 0 && text.length <= 255) return text
  throw new InvalidArgumentError('The name of an alarm has 1 to 255 characters.')
}
