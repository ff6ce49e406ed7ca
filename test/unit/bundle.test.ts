import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { build } from 'esbuild'
import { bundleSettings, required } from '../../build/bundle.ts'
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

test.each([
  ["import { request } from 'node:http'", 'a name'],
  ["import http from 'node:http'; const { request } = http", 'the default'],
  ["const { request } = await import('node:http')", 'a name, late'],
  ["const { request } = (await import('node:http')).default", 'the default, late'],
  ["const { request } = require('node:http')", 'what CommonJS requires'],
])('`%s` gives %s, and loads no undici', async (source) => {
  const directory = await mkdtemp(join(tmpdir(), 'bundle-'))
  try {
    const entry = join(directory, 'entry.mjs')
    const undici = "process.moduleLoadList.some((name) => name.includes('undici'))"
    await writeFile(entry, `${source}\nconsole.log(typeof request, ${undici})`)
    const plugins = [required((path) => path === 'node:http')]
    await build({ ...bundleSettings, entryPoints: { built: entry }, outdir: directory, plugins })
    expect((await execa('node', [join(directory, 'built.mjs')])).stdout).toBe('function false')
  } finally {
    await rm(directory, { recursive: true })
  }
})
