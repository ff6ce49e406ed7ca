import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { accountPlace } from './support/account-place.ts'
import { targetOfThisRun } from './support/config.ts'
import { sharedLoadBalancer } from './support/shared-load-balancer.ts'
import { sweep } from './support/sweep.ts'
import { Refusal, type AccountTarget } from './support/target.ts'

/**
 * `npm run conformance [-- SERVICE… [FLAGS]]`: the suite alone, or the files of some services (`s3`, `ec2`), against the local AWS or,
 * with `CONFORMANCE=account`, a sandbox. Flags are vitest's.
 */
const root = fileURLToPath(new URL('../../../..', import.meta.url))
const here = 'packages/local-aws/test/conformance'

/** @param environment is added to this process's own. */
async function rows(flags: readonly string[], environment: Record<string, string> = {}): Promise<number> {
  const reporters = ['--reporter=default', `--reporter=./${here}/support/summary.ts`]
  const args = ['run', '--project', 'unit', ...reporters, ...flags, ...asked(process.argv.slice(2))]
  const ended = await execa('vitest', args, { cwd: root, env: environment, stdio: 'inherit', reject: false })
  return ended.exitCode ?? 1
}

/** Services come before flags. */
function asked(given: readonly string[]): string[] {
  const flag = given.findIndex((arg) => arg.startsWith('-'))
  const services = flag < 0 ? given : given.slice(0, flag)
  const files = services.length === 0 ? [here] : services.map((name) => `${here}/${name}`)
  return [...files, ...(flag < 0 ? [] : given.slice(flag))]
}

/** One file at a time, for quotas' sake. Whatever becomes of it, Ctrl-C included, what was made is deleted. */
async function inAccount(target: AccountTarget): Promise<number> {
  const place = await accountPlace(target)
  const tell = async () => {
    for (const line of await sweep(place, target.prefix)) process.stderr.write(`${line}\n`)
  }
  // The tests get the signal as well and end; this process stays to clean up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  await tell()
  try {
    return await rows(['--no-file-parallelism'], {
      CONFORMANCE_LOAD_BALANCER: await sharedLoadBalancer(place),
    })
  } finally {
    await tell()
  }
}

try {
  const target = targetOfThisRun()
  process.exitCode = target.kind === 'account' ? await inAccount(target) : await rows([])
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
