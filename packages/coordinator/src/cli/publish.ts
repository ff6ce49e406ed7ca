import type { Command } from 'commander'
import { Refusal } from '../events.ts'
import type { ResultEvent } from '../events.ts'
import type { Host } from './host.ts'
import { insecureRegistry, service, withCommon, withHelp } from './options.ts'
import type { Common } from './options.ts'
import { perform } from './perform.ts'
import type { Task } from './perform.ts'

type Options = Common & { store?: string; agent?: string; agentVersion?: string; insecureRegistry: string[] }

export function addPublish(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('publish')
    .summary('upload a compose bundle, or an agent')
    .description(
      'Check and upload the directory of a compose file, at most 10 MiB, and print its revision. Changes no tag: ' +
        '`deploy --bundle REVISION` uses it. With --agent, upload an agent for the user-data to install, ' +
        'and print its key and SHA-256.',
    )
    .argument('[SERVICE]', 'name of the service', service)
    .argument('[DIR]', 'directory that holds compose.yaml')
    .option(
      '--agent <tarball>',
      'switchover-agent-linux-x64.tar.gz or -arm64.tar.gz; takes no SERVICE and DIR',
    )
    .option('--agent-version <version>', 'version of the agent (default: its VERSION file)')
    .option('--store <url>', 's3://BUCKET/PREFIX (default: the tag switchover:store of the groups)')
    .addOption(insecureRegistry())
  withHelp(
    withCommon(command),
    [
      'switchover publish web ./deploy',
      'switchover publish --agent switchover-agent-linux-x64.tar.gz --store s3://bucket/switchover',
    ],
    [
      '0    published, or there already',
      '1    AWS is out of reach',
      '2    cannot be published as it is; the sentence says why',
    ],
  )
  command.action(async (name: string | undefined, directory: string | undefined) => {
    done(await perform(host, command, () => taskOf(host, name, directory, command.opts<Options>())))
  })
}

function taskOf(host: Host, name: string | undefined, directory: string | undefined, options: Options): Task {
  const common = { question: null, cutShort: true }
  const { agent, store = null } = options
  if (agent === undefined) {
    if (name === undefined || directory === undefined)
      throw new Refusal(
        2,
        'refused',
        'Give SERVICE and DIR, or --agent TARBALL and --store URL.',
        'switchover publish --help',
      )
    const { dockerConfig } = host.config
    const insecureRegistries = options.insecureRegistry
    return {
      ...common,
      doing: `publishing ${directory}`,
      work: async (ports) => {
        const { publish } = await import('../commands/publish.ts')
        return publish(ports, { service: name, directory, store, dockerConfig, insecureRegistries })
      },
      print: { text: ({ details }: ResultEvent) => `${String(details['revision'])}\n`, silent: false },
    }
  }
  if (name !== undefined || store === null)
    throw new Refusal(
      2,
      'refused',
      '--agent takes --store URL, and neither SERVICE nor DIR.',
      'switchover publish --help',
    )
  return {
    ...common,
    doing: `publishing ${agent}`,
    work: async (ports) => {
      const { publishAgent } = await import('../commands/publish.ts')
      return publishAgent(ports, { tarball: agent, store, version: options.agentVersion ?? null })
    },
    print: {
      text: ({ details }: ResultEvent) => `${String(details['key'])}\n${String(details['sha256'])}\n`,
      silent: false,
    },
  }
}
