import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createGunzip } from 'node:zlib'
import { execa } from 'execa'
import { extract } from 'tar-stream'
import pinned from './node-binaries.json' with { type: 'json' }

export type Arch = keyof typeof pinned.sha256

const root = fileURLToPath(new URL('../..', import.meta.url))
const pins = 'packages/agent/node-binaries.json'

/**
 * The Node that ships, of the pinned version and SHA-256: this machine's own from node_modules, another architecture's
 * from the package registry, by npm, and from then on from `.cache`.
 * @throws {Error} where it cannot be had, or is not the pinned one.
 */
export async function nodeBinary(arch: Arch): Promise<Buffer> {
  if (arch === process.arch) return checked(await readFile(ownPath()), arch, 'node_modules/node')
  const cached = join(root, '.cache', `node-${pinned.version}-linux-${arch}`)
  const known = await readFile(cached).catch(() => null)
  if (known !== null && sha256(known) === pinned.sha256[arch]) return known
  const name = `node-linux-${arch}@${pinned.version}`
  await mkdir(dirname(cached), { recursive: true })
  const directory = await mkdtemp(`${cached}-`)
  try {
    const binary = checked(await download(name, directory), arch, name)
    const draft = join(directory, 'node')
    await writeFile(draft, binary)
    await rename(draft, cached)
    return binary
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function ownPath(): string {
  return join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
}

/** `npm pack` takes the package as an installation would, checks it against the registry's integrity, and runs nothing of it. */
async function download(name: string, directory: string): Promise<Buffer> {
  const { stdout } = await execa('npm', ['pack', name, '--silent', '--pack-destination', directory], {
    cwd: root,
    stdin: 'ignore',
    timeout: 300_000,
  })
  const file = stdout.trim().split('\n').at(-1) ?? ''
  const reader = extract()
  const reading = pipeline(createReadStream(join(directory, file)), createGunzip(), reader)
  let found: Buffer | null = null
  for await (const entry of reader) {
    if (entry.header.name === 'package/bin/node') found = await buffer(entry)
    else entry.resume()
  }
  await reading
  if (found === null) throw new Error(`The package ${name} has no bin/node.`)
  return found
}

function checked(binary: Buffer, arch: Arch, from: string): Buffer {
  const sum = sha256(binary)
  if (sum === pinned.sha256[arch]) return binary
  throw new Error(
    `Node for ${arch} from ${from} has the SHA-256 ${sum}, and ${pins} pins that of ${pinned.version}, ${pinned.sha256[arch]}.`,
  )
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
