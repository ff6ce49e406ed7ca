import { access } from 'node:fs/promises'
import { execa } from 'execa'
import type { Available, SetUp } from './available.ts'

/** Commands we may need, and a Python library; and the Debian packages they come from. */
const PACKAGES = {
  docker: ['docker.io', 'docker-cli'],
  dockerd: ['docker.io'],
  iptables: ['iptables'],
  'docker-registry': ['docker-registry'],
  'docker-compose': ['docker-compose'],
  botocore: ['python3-botocore'],
  busybox: ['busybox-static'],
  haproxy: ['haproxy'],
  mmdebstrap: ['mmdebstrap', 'debian-archive-keyring'],
  shellcheck: ['shellcheck'],
  wget: ['wget'],
} as const

export type Command = keyof typeof PACKAGES

/**
 * Sees to it that `commands` are on the path. What is missing is installed from the distribution (Debian or Ubuntu, as
 * root), after saying so.
 */
export async function ensureCommands(commands: readonly Command[], setUp: SetUp): Promise<Available<void>> {
  const missing = await missingOf(commands)
  if (missing.length === 0) return { ok: true, value: undefined }
  const wanted = [...new Set(missing.flatMap((command) => PACKAGES[command]))]
  const lack = `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed`
  if (!setUp.install) return { ok: false, why: `${lack}, and installing is not allowed.` }
  if (!isRoot()) return { ok: false, why: `${lack}, and only root can install packages.` }
  if ((await missingOf(['apt-get'])).length > 0)
    return { ok: false, why: `${lack}, and this is not a Debian or Ubuntu machine.` }
  setUp.say(`Installing from the distribution: ${wanted.join(' ')}`)
  const failure = await aptInstall(wanted)
  return failure === null
    ? { ok: true, value: undefined }
    : { ok: false, why: `${lack}, and apt-get failed: ${failure}` }
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Whether systemd runs this machine, sd_booted(3). */
export async function systemdRuns(): Promise<boolean> {
  return exists('/run/systemd/system')
}

/** Null, or what went wrong. */
async function aptInstall(wanted: readonly string[]): Promise<string | null> {
  const updated = await apt(['update'])
  // Older distributions have the client inside docker.io.
  const known = await execa('apt-cache', ['show', '--no-all-versions', ...wanted], { reject: false })
  const names = wanted.filter((name) => known.stdout.split('\n').includes(`Package: ${name}`))
  const installed = await apt(['install', '--no-install-recommends', ...names])
  if (!installed.failed) {
    // The package's own registry service is not wanted, only its program.
    if (names.includes('docker-registry') && (await systemdRuns()))
      await execa('systemctl', ['disable', '--now', 'docker-registry'], { reject: false })
    return null
  }
  const said = [updated.stderr, installed.stderr].join('\n').trim().split('\n').at(-1) ?? ''
  return said === '' ? 'no reason was given' : said
}

function apt(args: readonly string[]) {
  return execa('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    reject: false,
    stdin: 'ignore',
    timeout: 600_000,
  })
}

/** Where it is there is asked of the path's Python and of the distribution's. */
const botocoreIsThere = 'python3 -c "import botocore" || /usr/bin/python3 -c "import botocore"'

async function missingOf<T extends string>(commands: readonly T[]): Promise<T[]> {
  const found = await Promise.all(
    commands.map(async (command) => {
      const question = command === 'botocore' ? botocoreIsThere : `command -v "$1"`
      const { exitCode } = await execa('sh', ['-c', question, 'sh', command], { reject: false })
      return exitCode === 0
    }),
  )
  return commands.filter((_, index) => !found[index])
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
