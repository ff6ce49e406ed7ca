import { readdir, readFile } from 'node:fs/promises'

/** Resident memory of a process and all that descend from it, bytes; what ends meanwhile is left out (proc(5)). */
export async function residentBytes(root: number): Promise<number> {
  const processes = await Promise.all(
    (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map((name) => read(Number(name))),
  )
  const parents = new Map(processes.flatMap((one) => (one === null ? [] : [[one.pid, one]])))
  const descends = (pid: number): boolean => {
    if (pid === root) return true
    const parent = parents.get(pid)?.parent ?? 0
    return parent > 1 && descends(parent)
  }
  return [...parents.values()].reduce((sum, { pid, bytes }) => sum + (descends(pid) ? bytes : 0), 0)
}

async function read(pid: number): Promise<{ pid: number; parent: number; bytes: number } | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    return { pid, parent: field('PPid'), bytes: field('VmRSS') * 1_024 }
  } catch {
    return null
  }
}
