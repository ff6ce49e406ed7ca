import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { parseDuration } from '@switchover/contract/duration'
import { environment } from './config.ts'
import type { RolePolicies } from './iam/access.ts'
import { closeCloud, createCloud } from './create-cloud.ts'
import { virtualMachines } from './instances/virtual.ts'
import { DataPlane } from './load-balancer/data-plane.ts'
import { networkProbe } from './load-balancer/network-probe.ts'
import { withPolicyFile } from './policy-files.ts'
import { RealClock } from './real-clock.ts'
import { seededRandom } from './seeded-random.ts'
import { startServer } from './server.ts'

type Options = {
  port: number
  host: string
  region: string
  boot?: number
  pull?: number
  app?: number
  speed: number
  seed: number
  policy?: RolePolicies
}

/**
 * `switchover local-aws`: serves until SIGINT or SIGTERM.
 * @returns 0 when ended by a signal, 1 where the port cannot be had, 2 for bad usage.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = localAwsCommand()
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
  return await serve(program.opts<Options>())
}

async function serve(options: Options): Promise<number> {
  const stopped = stopSignal()
  const clock = new RealClock(options.speed)
  const { boot, pull, app, policy } = options
  const cloud = createCloud({
    clock,
    random: seededRandom(options.seed),
    region: options.region,
    probe: networkProbe(clock),
    ...(policy === undefined ? {} : { policies: policy, onRefused: say }),
    machines: (cloud) =>
      virtualMachines(cloud, {
        listen: true,
        ...(boot === undefined ? {} : { bootMs: boot }),
        ...(pull === undefined ? {} : { pullMs: pull }),
        ...(app === undefined ? {} : { appMs: app }),
      }),
  })
  const plane = new DataPlane(cloud, { host: options.host, onRefused: say })
  try {
    const onBug = (error: unknown) => say(error instanceof Error ? (error.stack ?? '') : String(error))
    const server = await startServer(cloud, { host: options.host, port: options.port, onBug })
    process.stdout.write(`${environmentLines(server.url, options.region)}\n`)
    say(
      'The local AWS serves Auto Scaling, CloudWatch alarms, EC2, ELBv2, classic ELB, ECR, S3 and STS; Ctrl-C ends it.',
    )
    if (policy) say(accessLine(Object.keys(policy), cloud.account))
    await stopped
    await server.close()
    return 0
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    say(`Port ${options.port} cannot be opened on ${options.host}: ${code}. Choose another with --port.`)
    return 1
  } finally {
    await plane.close()
    await closeCloud(cloud)
  }
}

/** What the AWS CLI and every SDK read. Any keys do: requests must be signed, but there is no secret to check them by. */
function environmentLines(url: string, region: string): string {
  return [
    `export AWS_ENDPOINT_URL=${url}`,
    `export AWS_REGION=${region}`,
    `export AWS_DEFAULT_REGION=${region}`,
    'export AWS_ACCESS_KEY_ID=local',
    'export AWS_SECRET_ACCESS_KEY=local',
  ].join('\n')
}

function accessLine(roles: readonly string[], account: string): string {
  return (
    `IAM is evaluated for the roles ${roles.join(', ')}; the keys above are an administrator's. A session of a role: ` +
    `aws sts assume-role --role-arn arn:aws:iam::${account}:role/${roles[0]} --role-session-name me`
  )
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      resolve()
    }
    process.on('SIGINT', stop).on('SIGTERM', stop)
  })
}

export function localAwsCommand(): Command {
  const program = new Command('switchover local-aws')
    .description(
      'Run the parts of AWS used by Switchover on this machine, in memory: Auto Scaling, CloudWatch alarms, EC2, ELBv2, classic ELB, ' +
        'ECR, S3 and STS on one port. No metric is measured: an alarm rings when SetAlarmState says so. Instances are modelled: they boot, pull and answer over HTTP on loopback addresses of their own. ' +
        'Listeners of load balancers take requests on their own ports. What is in the account ends with the process.',
    )
    .option('--port <n>', 'port of the APIs; 0 for any that is free', port, 4566)
    .option('--host <address>', 'address to listen on; nothing here is protected by a password', '127.0.0.1')
    .option('--region <name>', 'the Region of the account', environment().region ?? 'us-east-1')
    .option('--boot <duration>', 'from running to the first step of an instance’s agent', duration)
    .option('--pull <duration>', 'time an instance takes to pull an image', duration)
    .option('--app <duration>', 'time an app takes from start to its first good answer', duration)
    .option('--speed <factor>', 'time runs this many times faster than real time', factor, 1)
    .option(
      '--policy <role=file>',
      'evaluate IAM: sessions of the role, and instances whose profile has its name, may do what the policy in the file ' +
        'allows, other roles nothing, users everything; may be given several times',
      policyFile,
    )
    .option('--seed <n>', 'seed of ids and of the variation of delays', wholeNumber, 1)
    .addHelpText(
      'after',
      '\nExamples:\n  switchover local-aws --port 4566\n  switchover local-aws --boot 5s --speed 10\n' +
        '  switchover local-aws --policy ops=coordinator-role.json --policy web=instance-role.json\n' +
        '\nExit codes: 0 ended by a signal · 1 the port cannot be opened · 2 bad usage',
    )
    .exitOverride()
  return program
}

function port(text: string): number {
  const value = wholeNumber(text)
  if (value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return value
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a whole number.`)
}

function factor(text: string): number {
  const value = Number(text)
  if (value >= 0.1 && value <= 1_000) return value
  throw new InvalidArgumentError('A speed is a number from 0.1 to 1000.')
}

function policyFile(text: string, before: RolePolicies | undefined): RolePolicies {
  try {
    return withPolicyFile(text, before ?? {})
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

function duration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
