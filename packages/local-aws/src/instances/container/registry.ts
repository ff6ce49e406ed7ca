import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import type { Available, SetUp } from './available.ts'
import { ensureCommands } from './commands.ts'

const START_LIMIT_MS = 60_000

export type Registry = Readonly<{
  /** `127.0.0.1:PORT`, as it stands in image names; the engine talks plain HTTP to it because it is loopback. */
  host: string
  url: string
  /** Ends it and removes its storage. Safe to repeat. */
  close: () => Promise<void>
}>

/** An image registry of this run's own: the distribution's docker-registry on a free loopback port, with temporary storage. */
export async function ensureRegistry(setUp: SetUp): Promise<Available<Registry>> {
  const commands = await ensureCommands(['docker-registry'], setUp)
  if (!commands.ok) return commands
  const directory = await mkdtemp(join(tmpdir(), 'switchover-registry-'))
  const config = join(directory, 'config.yml')
  await writeFile(config, configuration(join(directory, 'storage')))
  // pdeathsig: a run that is killed leaves no registry behind.
  const child = execa('setpriv', ['--pdeathsig', 'TERM', 'docker-registry', 'serve', config], {
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
  })
  const close = async (): Promise<void> => {
    child.kill('SIGTERM')
    await child
    await rm(directory, { recursive: true, force: true })
  }
  let host: string | null = null
  AbortSignal.timeout(START_LIMIT_MS).addEventListener('abort', () => {
    if (host === null) child.kill('SIGTERM')
  })
  host = await listeningAddress(child.all)
  if (host !== null) return { ok: true, value: { host, url: `http://${host}`, close } }
  await close()
  return { ok: false, why: 'The image registry (docker-registry) could not be started.' }
}

function configuration(storage: string): string {
  return JSON.stringify({
    version: '0.1',
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', relativeurls: true },
  })
}

/** Reads the address it logs; null when its output ends before that. Reads on: a full pipe would stop the registry. */
async function listeningAddress(output: Readable): Promise<string | null> {
  return new Promise((resolve) => {
    output.setEncoding('utf8')
    let said = ''
    output.on('data', (chunk: string) => {
      if (said.length < 100_000) said += chunk
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
    output.on('end', () => resolve(null))
  })
}
