import type { Command } from 'commander'
import { doctor, type Diagnosis, type DoctorOptions, type DoctorResult } from '../commands/doctor.ts'
import { formatFindings } from '../doctor/format.ts'
import { fixable } from '../doctor/mend.ts'
import type { Host } from './host.ts'
import { insecureRegistry, service, withChanging, withCommon, withHelp } from './options.ts'
import type { Changing } from './options.ts'
import { perform } from './perform.ts'
import type { Task } from './perform.ts'

type Options = Changing & { fix: boolean; insecureRegistry: string[] }

export function addDoctor(program: Command, host: Host, done: (exitCode: number) => void): void {
  const command = program
    .command('doctor')
    .summary('find what was left behind, in whatever state a service is')
    .description(
      'Find every leftover of a service in whatever state it is: what it is, what it costs or risks, how it is mended. ' +
        'With --fix, mend what is safe, after asking: resume what a deployment suspended, restore a MinSize it wrote, align the ' +
        "idle group's tags, give back a lease that has run out. Ends no instance, and leaves a deployment under way alone.",
    )
    .argument('<SERVICE>', 'name of the service', service)
    .option('--fix', 'mend what is safe to mend', false)
    .addOption(insecureRegistry())
  withHelp(
    withCommon(withChanging(command)),
    ['switchover doctor web', "switchover doctor web --json | jq '.details.findings[].what'"],
    [
      '0    nothing to see to, or all of it mended; notes do not count',
      '1    AWS is out of reach',
      '2    no such service, or credentials refused',
      '3    with --fix: another run holds the lease',
      '4    a person must see to something',
      '130  interrupted',
    ],
  )
  command.action(async (name: string) => {
    done(await perform(host, command, () => taskOf(host, name, command.opts<Options>())))
  })
}

function taskOf({ stdout, config }: Host, name: string, options: Options): Task<DoctorResult> {
  const { fix, yes, json, lease: leaseMs, insecureRegistry: insecureRegistries } = options
  const registry = { dockerConfig: config.dockerConfig, insecureRegistries }
  const asked: DoctorOptions = { service: name, registry, leaseMs, fix }
  const show = ({ findings, result }: Diagnosis): DoctorResult => {
    if (!json) stdout.write(formatFindings(findings))
    return result
  }
  return {
    doing: `examining ${name}`,
    question: fix && !yes ? `Mend what can be mended safely on ${name}?` : null,
    // What is found is shown first; without anything to mend that is all there is to it.
    preview: async (ports) => {
      const found = await doctor(ports, { ...asked, fix: false })
      if (fixable(found.findings).length === 0) return show(found)
      show(found)
      return null
    },
    cutShort: !fix,
    work: async (ports) => show(await doctor(ports, asked)),
    print: { text: () => '', silent: false },
  }
}
