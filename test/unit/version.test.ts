import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { version } from '@switchover/contract/version'
import { build } from 'esbuild'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { bundleSettings, stamp } from '../../build/bundle.ts'

const source = fileURLToPath(new URL('../../packages/coordinator/src/cli/version.ts', import.meta.url))

test('what was built outside git does not name the commit of the checkout it is installed in', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'version-'))
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: directory })
  try {
    await git('init')
    await git('commit', '--allow-empty', '--message', 'Somebody else’s')
    await build({ ...bundleSettings, entryPoints: [source], outdir: directory, plugins: [stamp(null)] })
    await writeFile(
      join(directory, 'say.mjs'),
      "import { describeVersion } from './version.mjs'; console.log(describeVersion())",
    )
    expect((await execa('node', [join(directory, 'say.mjs')])).stdout).toBe(version)
  } finally {
    await rm(directory, { recursive: true })
  }
})
