import { readFile, readlink } from 'node:fs/promises'

/**
 * Names this process for ever, so that what it leaves behind when killed can be told from what another run still uses:
 * boot, process namespace, process id and its start time.
 */
export async function thisOwner(): Promise<string> {
  const startedAt = await startOf(process.pid)
  return [...(await place()), String(process.pid), startedAt ?? '0'].join('/')
}

/** Whether the process that `owner` names has ended. One that cannot be seen from here counts as alive. */
export async function ownerIsGone(owner: string): Promise<boolean> {
  const [boot, namespace, pid, startedAt] = owner.split('/')
  const [bootHere, namespaceHere] = await place()
  if (boot !== bootHere) return true
  if (namespace !== namespaceHere) return false
  return (await startOf(Number(pid))) !== startedAt
}

async function place(): Promise<[boot: string, namespace: string]> {
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const namespace = (await readlink('/proc/self/ns/pid')).replaceAll(/\D/g, '')
  return [boot, namespace]
}

/** Field 22 of proc(5)'s stat: clock ticks after boot. The second field may hold blanks and brackets. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
