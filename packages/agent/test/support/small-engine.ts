import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { vi } from 'vitest'

const run = promisify(execFile)

/** A Docker engine of its own on a disk of its own, a file system in memory. Needs root. */
export type SmallEngine = {
  socketPath: string
  docker: Docker
  /** Takes bytes from the disk, all but so many. */
  leave(bytes: number): Promise<void>
  stop(): Promise<void>
}

export async function startSmallEngine(bytes: number): Promise<SmallEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'switchover-engine-'))
  const disk = join(directory, 'disk')
  await mkdir(disk)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'switchover-test', disk])
  const socketPath = join(directory, 'docker.sock')
  const child = spawn(
    'dockerd',
    [
      `--data-root=${join(disk, 'data')}`,
      `--exec-root=${join(directory, 'exec')}`,
      `--pidfile=${join(directory, 'pid')}`,
      `--host=unix://${socketPath}`,
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
    ],
    { stdio: 'ignore' },
  )
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const docker = new Docker({ socketPath })
  const ballast = join(disk, 'ballast')
  const stop = async () => {
    if (child.exitCode === null) child.kill()
    await ended
    await run('umount', [disk])
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await vi.waitFor(() => docker.ping(), { timeout: 30_000, interval: 100 })
  } catch (error) {
    await stop()
    throw error
  }
  return {
    socketPath,
    docker,
    leave: async (left) => {
      await rm(ballast, { force: true })
      const { stdout } = await run('df', ['-B1', '--output=avail', disk])
      const free = Number(stdout.trim().split('\n')[1])
      await run('fallocate', ['-l', String(free - left), ballast])
    },
    stop,
  }
}
