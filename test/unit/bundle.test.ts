import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { buildCoordinator } from '../../packages/coordinator/build.ts'

test('the coordinator as it ships calls AWS without undici', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bundle-'))
  try {
    const { file } = await buildCoordinator(join(directory, 'dist'))
    const tell = join(directory, 'tell.mjs')
    const told = join(directory, 'told')
    await writeFile(
      tell,
      `import { writeFileSync } from 'node:fs'
process.on('exit', () => writeFileSync(${JSON.stringify(told)}, process.moduleLoadList.join('\\n')))`,
    )
    // A call that arrives nowhere: HTTP is loaded for it.
    const env = {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'A',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_MAX_ATTEMPTS: '1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    }
    const { exitCode } = await execa('node', [`--import=${tell}`, file, 'history', 'web'], {
      env,
      reject: false,
      cwd: directory,
    })
    expect(exitCode).toBe(1)
    const loaded = (await readFile(told, 'utf8')).split('\n')
    expect(loaded).toContain('NativeModule https')
    expect(loaded.filter((name) => name.includes('undici'))).toEqual([])
  } finally {
    await rm(directory, { recursive: true })
  }
})
