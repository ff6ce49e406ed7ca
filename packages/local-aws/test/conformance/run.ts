import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { accountPlace } from './support/account-place.ts'
import { targetOfThisRun } from './support/config.ts'
import { Refusal } from './support/target.ts'

/** `npm run conformance`: the suite alone, against the local AWS or, with `CONFORMANCE=account`, a sandbox. */
const root = fileURLToPath(new URL('../../../..', import.meta.url))
const here = 'packages/local-aws/test/conformance'

async function main(): Promise<number> {
  const target = targetOfThisRun()
  if (target.kind === 'account') await accountPlace(target)
  const reporters = ['--reporter=default', `--reporter=./${here}/support/summary.ts`]
  // An account's quotas and the reader's purse are better off with one file at a time.
  const pace = target.kind === 'account' ? ['--no-file-parallelism'] : []
  const args = ['run', '--project', 'unit', ...reporters, ...pace, here, ...process.argv.slice(2)]
  return await new Promise((resolve, reject) => {
    const child = spawn('vitest', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
