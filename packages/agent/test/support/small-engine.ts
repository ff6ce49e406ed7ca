import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { vi } from 'vitest'
import type { Registry } from './registry.ts'

const run = promisify(execFile)

export type SmallEngine = {
  socketPath: string
  docker: Docker
  /** Takes bytes from the disk, all but so many. */
  leave(bytes: number): Promise<void>
  stop(): Promise<void>
}

/**
 * A Docker engine of its own with a disk of its own, a file system in memory of so many bytes, and a network namespace of
 * its own: an engine without a bridge removes `docker0` from where it runs. On its loopback is what `registry` serves on
 * ours. Needs root.
 */
export async function startSmallEngine(bytes: number, registry: Registry): Promise<SmallEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'switchover-engine-'))
  const at = (name: string) => join(directory, name)
  await mkdir(at('disk'))
  await writeFile(at('daemon.json'), '{}')
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'switchover-test', at('disk')])
  const children: ChildProcess[] = []
  const start = (program: string, ...args: string[]): number => {
    const child = spawn(program, args, { stdio: 'ignore' })
    children.unshift(child)
    return child.pid ?? 0
  }
  const stop = async () => {
    for (const child of children) await ended(child)
    await run('umount', [at('disk')])
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const network = ['--bridge=none', '--iptables=false', '--ip6tables=false']
    const places = [
      `--config-file=${at('daemon.json')}`,
      `--data-root=${at('disk/data')}`,
      `--exec-root=${at('exec')}`,
      `--pidfile=${at('pid')}`,
      `--host=unix://${at('socket')}`,
      '--containerd-namespace=switchover-test',
      '--containerd-plugins-namespace=switchover-test-plugins',
    ]
    // unshare(1) becomes the program it starts.
    const pid = start('unshare', '--net', 'dockerd', ...places, ...network)
    const docker = new Docker({ socketPath: at('socket') })
    await vi.waitFor(() => docker.ping(), { timeout: 120_000, interval: 100 })
    const inside = [`--net=/proc/${pid}/ns/net`]
    await run('nsenter', [...inside, 'ip', 'link', 'set', 'lo', 'up'])
    start('nsenter', ...inside, 'docker-registry', 'serve', registry.config)
    const knock = `exec 3<>/dev/tcp/127.0.0.1/${registry.port}`
    await vi.waitFor(() => run('nsenter', [...inside, 'bash', '-c', knock]), {
      timeout: 60_000,
      interval: 100,
    })
    return { socketPath: at('socket'), docker, leave: (left) => leave(at('disk'), left), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  await exit
}

async function leave(disk: string, left: number): Promise<void> {
  const ballast = join(disk, 'ballast')
  await rm(ballast, { force: true })
  const { stdout } = await run('df', ['-B1', '--output=avail', disk])
  await run('fallocate', ['-l', String(Number(stdout.trim().split('\n')[1]) - left), ballast])
}
