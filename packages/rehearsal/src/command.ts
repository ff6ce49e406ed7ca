import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { scenarios } from './scenarios/all.ts'

export type RehearseFlags = {
  virtual: boolean
  instances: number
  rate: number
  install: boolean
  agent?: string
  scenario?: string
  report?: string
  like?: string
  region?: string
  profile?: string
}

export function rehearseCommand(): Command {
  const listed = scenarios.map(({ name, summary }) => `  ${name.padEnd(20)}${summary}`).join('\n')
  return new Command('switchover rehearse')
    .description(
      'Deploy, roll back, deploy again and finish a sample service on this machine, under steady traffic. ' +
        'Instances are containers with their own systemd, cloud-init and Docker engine; AWS is the local AWS.',
    )
    .option('--virtual', 'model the instances instead: seconds, no Docker, no root', false)
    .addOption(
      new Option('--scenario <name>', 'break something instead, and see what comes of it').choices(
        scenarios.map(({ name }) => name),
      ),
    )
    .option('--report <file>', 'tell the story of its last deployment, and write it as a page', writableFile)
    .addOption(
      new Option(
        '--like <service>',
        'take sizes, health checks, drain, hooks, policies and schedules from a service of your account, which is only read',
      ).conflicts('instances'),
    )
    .option('--region <name>', 'with --like: the AWS Region (default: as the AWS CLI finds it)')
    .option('--profile <name>', 'with --like: the AWS profile (default: as the AWS CLI finds it)')
    .option('--instances <n>', 'instances of the live group, 1 to 8', within('--instances', 8), 2)
    .option('--rate <n>', 'requests a second, 1 to 500', within('--rate', 500), 50)
    .option(
      '--agent <file>',
      "the agent's tarball for container instances (default: built from this checkout)",
      readableFile,
    )
    .option('--no-install', 'name what this machine lacks instead of installing it')
    .addHelpText(
      'after',
      `\nScenarios, each on container instances or, with --virtual, on modelled ones:\n${listed}\n` +
        '\nExamples:\n  switchover rehearse --virtual\n  switchover rehearse --virtual --scenario bad-image --report story.html\n' +
        '\nExit codes: 0 all went as it must · 1 something did not · 2 this machine lacks a part · 130 interrupted',
    )
    .exitOverride()
}

const within =
  (flag: string, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= 1 && value <= most) return value
    throw new InvalidArgumentError(`${flag} takes a whole number from 1 to ${most}.`)
  }

/** Before anything is started. */
function readableFile(path: string): string {
  try {
    accessSync(path, constants.R_OK)
    return path
  } catch {
    throw new InvalidArgumentError(`--agent takes the path of a tarball; ${path} cannot be read.`)
  }
}

/** Before a minute has gone into a story that cannot be kept. */
function writableFile(path: string): string {
  try {
    accessSync(dirname(path), constants.W_OK)
    return path
  } catch {
    throw new InvalidArgumentError(
      `--report takes the path of a page to write; ${dirname(path)} cannot be written to.`,
    )
  }
}
