import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { freePort } from '@switchover/local-aws/listening'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import { expect, vi } from 'vitest'

export type Registry = {
  port: number
  /** Its configuration file: another process may serve the same content elsewhere. */
  config: string
  stop(): Promise<void>
}

/** The distribution's registry as a process of its own, on loopback. */
export async function startRegistry(): Promise<Registry> {
  const directory = await mkdtemp(join(tmpdir(), 'switchover-registry-'))
  const port = await freePort()
  const config = join(directory, 'config.yml')
  const storage = join(directory, 'storage')
  await writeFile(
    config,
    `version: 0.1\nstorage: { filesystem: { rootdirectory: ${storage} } }\nhttp: { addr: "127.0.0.1:${port}" }\n`,
  )
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/v2/`)).status).toBe(200), {
    timeout: 60_000,
  })
  return {
    port,
    config,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode === null) {
        child.kill()
        await ended
      }
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/**
 * Makes an image of the distribution's static busybox that says hello and sleeps, in one layer with as many bytes more
 * that do not shrink (`random`), or shrink to nothing (`zeros`).
 */
export async function importImage(
  docker: Docker,
  name: string,
  { random = 0, zeros = 0 }: { random?: number; zeros?: number } = {},
): Promise<void> {
  const tar = pack()
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile('/bin/busybox'))
  tar.entry({ name: 'random' }, randomBytes(random))
  tar.entry({ name: 'zeros' }, Buffer.alloc(zeros))
  tar.finalize()
  const directory = await mkdtemp(join(tmpdir(), 'switchover-image-'))
  const file = join(directory, 'image.tar')
  await pipeline(tar, createWriteStream(file))
  const colon = name.lastIndexOf(':')
  const command = 'CMD ["/bin/busybox","sh","-c","echo hello; exec /bin/busybox sleep 600"]'
  const body = await docker.importImage(file, {
    repo: name.slice(0, colon),
    tag: name.slice(colon + 1),
    changes: command,
  })
  for await (const chunk of body) String(chunk)
  await rm(directory, { recursive: true })
}

/** Returns the digest of what was pushed. */
export async function push(docker: Docker, name: string): Promise<string> {
  const body = await docker.getImage(name).push({ authconfig: {} })
  let text = ''
  for await (const chunk of body) text += String(chunk)
  const digest = /"Digest":"(sha256:[0-9a-f]{64})"/.exec(text)?.[1]
  if (digest === undefined) throw new Error(`The push says no digest: ${text}`)
  return digest
}

/** Removes every image that has a name under one of the repositories. */
export async function removeImages(docker: Docker, repositories: readonly string[]): Promise<void> {
  for (const image of await docker.listImages()) {
    const names = [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])]
    if (names.some((name) => repositories.some((repository) => name.startsWith(repository))))
      await docker.getImage(image.Id).remove({ force: true })
  }
}
