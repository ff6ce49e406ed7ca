import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { parseImage } from '@switchover/contract/image'
import type { Release } from '@switchover/contract/tags'
import { deploy } from '../commands/deploy.ts'
import { planDeploy, planWithPicture } from '../commands/plan.ts'
import { explained } from '../commands/service.ts'
import { Refusal, type ResultEvent } from '../events.ts'
import type { DeployOptions } from '../commands/options.ts'
import type { Ports } from '../run/ports.ts'
import type { Host } from './host.ts'
import { count, duration, insecureRegistry, service, versionWithDigest, webAddress } from './options.ts'
import { withChanging, withCommon, withHelp } from './options.ts'
import type { Changing } from './options.ts'
import { perform } from './perform.ts'
import { rollBackOf } from './ending-commands.ts'
import { writePage } from './write-page.ts'
import { watchOptions, withWatching, type Watching } from './watch-options.ts'

type Options = Changing &
  Watching & {
    onFailure: DeployOptions['onFailure']
    readiness: DeployOptions['readiness']
    bundle?: string
    image?: string
    digest: boolean
    insecureRegistry: string[]
    desired?: number
    release: Release
    scaling?: 'move' | 'swap' | 'none'
    finishPrevious: boolean
    timeout: number
    notify?: string
    plan: boolean
    html?: string
  }
type Version = ReturnType<typeof versionWithDigest>

export function addDeploy(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('deploy')
    .summary('bring up a version beside the live one, then move traffic to it')
    .description(
      'Bring up VERSION on the idle group, move traffic to it, and park the old instances in Standby, ' +
        'running, so that a rollback launches nothing. Fails in seconds where it can, and then leaves ' +
        'the live group as it was. Durations are written 90s, 10m or 2h.',
    )
    .argument('<SERVICE>', 'name of the service, as in its groups’ tag switchover:service', service)
    .argument('<VERSION>', 'image tag, `v42`, or tag and digest, `v42@sha256:…`', versionWithDigest)
  withSource(command)
    .optionsGroup('How:')
    .addOption(choice('--on-failure <way>', 'rollback: undo · hold: stop for a person', ['rollback', 'hold']))
    .addOption(
      choice(
        '--readiness <source>',
        'who says that a new instance is ready. agent: its agent and the load balancers · load-balancer: ' +
          'the load balancers alone, for a fleet without agents, whose image then nobody checks',
        ['agent', 'load-balancer'],
      ),
    )
    .addOption(
      choice('--release <way>', 'each: an instance joins when it is ready · together: all at once', [
        'each',
        'together',
      ]),
    )
    .addOption(
      new Option(
        '--scaling <way>',
        'policies, their alarms and scheduled actions: move: they go with the traffic · swap: both groups own theirs, ' +
          'suspensions are exchanged · none: left alone (default: swap where both groups own the same, else move)',
      ).choices(['move', 'swap', 'none']),
    )
    .option('--finish-previous', 'finish the deployment before, if its old instances are still parked', false)
    .addOption(
      new Option('--timeout <duration>', 'how long until this deployment has failed')
        .argParser(duration)
        .default(1_800_000, '30m'),
    )
    .option('--notify <url>', 'where to post its story, as Slack takes it; better kept in switchover.yml')
    .option('--plan', 'print what would be done and change nothing', false)
    .option('--html <file>', 'with --plan: draw it as a page, too, as report draws what was done')
  withHelp(
    withCommon(withChanging(withWatching(command))),
    ['switchover deploy web v42 --plan', 'switchover deploy web v42 --canary 10% --bake 15m --alarm web-5xx'],
    [
      '0    deployed, or nothing to do',
      '1    failed; the service is safe, untouched or rolled back',
      '2    cannot be done as asked; nothing was changed',
      '3    another run holds the lease',
      '4    a person must decide',
      '130  interrupted; `switchover resume` goes on',
    ],
  )
  command.action(async (name: string, version: Version) => {
    done(await perform(host, command, () => taskOf(host, name, version, command.opts<Options>())))
  })
}

/** What is deployed, beside the version. */
function withSource(command: Command): Command {
  return command
    .optionsGroup('What is deployed:')
    .option(
      '--bundle <revision>',
      'compose bundle to use, a revision or `latest` (default: the live group’s)',
    )
    .option('--image <repository>', 'image repository of VERSION, for a service without a bundle', repository)
    .option('--no-digest', 'do not look VERSION up in its registry; instances go by the tag alone')
    .addOption(insecureRegistry())
    .option(
      '--desired <n>',
      'instances to bring up, never fewer than live has; needed where nothing is live yet',
      count,
    )
}

function taskOf(host: Host, name: string, version: Version, options: Options) {
  refuseStrayPage(name, options)
  const asked = { ...deployOptions(name, version, options), dockerConfig: host.config.dockerConfig }
  return {
    doing: `deploying ${asked.version} to ${name}`,
    question: options.yes || options.plan ? null : questionOf(asked),
    preview: async (ports: Ports) => {
      const plan = await planDeploy(ports, asked)
      return plan.details['steps'] === 0 ? plan : null
    },
    cutShort: options.plan,
    ...(options.plan ? {} : { deployment: { service: asked.service, rollBack: rollBackOf(asked) } }),
    work: async (ports: Ports) =>
      options.html === undefined ? deploy(ports, asked) : planAsPage(host, ports, asked, options.html),
  }
}

function refuseStrayPage(name: string, { html, plan }: Options): void {
  if (html === undefined || (plan && html !== '-')) return
  const sentence = plan
    ? '--html takes a file: the plan itself goes to stdout.'
    : '--html draws what --plan foretells, and goes with it; what was done is drawn by report.'
  throw new Refusal(2, 'refused', sentence, plan ? null : `switchover report ${name} --html ${html}`)
}

async function planAsPage(
  host: Host,
  ports: Ports,
  asked: DeployOptions,
  file: string,
): Promise<ResultEvent> {
  const { result, picture } = await explained(`planning ${asked.service}`, () =>
    planWithPicture(ports, asked),
  )
  if (picture === null) return { ...result, text: `${result.text} There is nothing to draw.` }
  const told = await writePage(host, file, picture)
  return { ...result, text: `${result.text} ${told}` }
}

function questionOf({
  service: name,
  version,
  canary,
}: Pick<DeployOptions, 'service' | 'version' | 'canary'>): string {
  return canary === null ? `Deploy ${version} to ${name}?` : `Run a canary of ${version} on ${name}?`
}

function deployOptions(
  name: string,
  { version, digest }: Version,
  options: Options,
): Omit<DeployOptions, 'dockerConfig'> {
  return {
    service: name,
    version,
    expectedDigest: digest,
    bundle: options.bundle ?? null,
    image: options.image ?? null,
    digest: options.digest,
    insecureRegistries: options.insecureRegistry,
    desired: options.desired ?? null,
    release: options.release,
    readiness: options.readiness,
    onFailure: options.onFailure,
    ...watchOptions(options),
    scaling: options.scaling ?? null,
    finishPrevious: options.finishPrevious,
    timeoutMs: options.timeout,
    notify: options.notify === undefined ? null : webAddress('--notify', options.notify),
    plan: options.plan,
    leaseMs: options.lease,
  }
}

/** One of a few words, the first being the default. */
function choice(flags: string, description: string, words: readonly [string, ...string[]]): Option {
  return new Option(flags, description).choices([...words]).default(words[0])
}

function repository(text: string): string {
  try {
    const image = parseImage(text)
    if (image.tag === null && image.digest === null) return text
  } catch {
    throw new InvalidArgumentError('It is not an image repository.')
  }
  throw new InvalidArgumentError('It must be a repository without tag and digest: VERSION is the tag.')
}
