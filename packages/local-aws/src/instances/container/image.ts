import { join } from 'node:path'
import { execa } from 'execa'
import type { Available, SetUp } from './available.ts'
import { ensureCommands, isRoot } from './commands.ts'
import { tryDocker } from './docker.ts'
import { whyNoRules } from './firewall.ts'

const BUILD = join(import.meta.dirname, '../../../machine-image/build.sh')
const BUILD_LIMIT_MS = 15 * 60_000

/**
 * The image container instances run, on a machine that can run them (root, iptables): the one the engine has for the present content of `machine-image/`, or a new one
 * (under a minute on two cores, and packages from the distribution). `packages` are more of Debian's to have in it.
 */
export async function ensureMachineImage(
  setUp: SetUp,
  packages: readonly string[] = [],
): Promise<Available<string>> {
  if (!isRoot())
    return { ok: false, why: 'Instances in containers need root, for the rules of their network.' }
  const iptables = await ensureCommands(['iptables'], setUp)
  if (!iptables.ok) return iptables
  const noRules = await whyNoRules()
  if (noRules !== null) return { ok: false, why: noRules }
  const name = await execa(BUILD, ['--name', ...packages], { stdin: 'ignore' })
  const image = name.stdout.trim()
  if ((await tryDocker(['image', 'inspect', image])).exitCode === 0) return { ok: true, value: image }
  const commands = await ensureCommands(['mmdebstrap'], setUp)
  if (!commands.ok) return commands
  setUp.say('Building the image of the instances from Debian packages; this takes about a minute, once.')
  const built = await execa(BUILD, packages, { stdin: 'ignore', reject: false, timeout: BUILD_LIMIT_MS })
  if (!built.failed) return { ok: true, value: image }
  const said = built.stderr.trim().split('\n').at(-1) ?? built.shortMessage
  return { ok: false, why: `The image of the instances could not be built: ${said}` }
}
