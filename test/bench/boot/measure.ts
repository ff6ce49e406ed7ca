import { readFile } from 'node:fs/promises'
import { groupNames } from '@switchover/rehearsal/account'
import type { Instance } from '../../machine/support/instance.ts'
import { repository, Service } from '../../machine/support/service.ts'

export const contestants = ['floor', 'agent', 'script'] as const
export type Contestant = (typeof contestants)[number]

/** Milliseconds, one entry a round. */
export type BootTimes = Readonly<Record<Contestant, readonly number[]>>

/**
 * From nothing to the running service on one container machine, round by round: by three docker commands that know
 * everything (the floor), by the agent, and by a script with the AWS CLI.
 * @throws {Error} where the machine or one of the three does not get there
 */
export async function measureBoots(rounds: number): Promise<BootTimes> {
  const service = await Service.open(['awscli'])
  try {
    const machine = await bootedMachine(service)
    const times: Record<Contestant, number[]> = { floor: [], agent: [], script: [] }
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of contestants) {
        await machine.forget()
        const nanoseconds = await machine.sh(`. /opt/bench/machine.sh; measure_${contestant}`)
        times[contestant].push(Number(nanoseconds) / 1e6)
      }
    }
    return times
  } finally {
    await service.close()
  }
}

/** A machine that serves v1, in a group that leaves it alone, with the bench's own files under /opt/bench. */
async function bootedMachine(service: Service): Promise<Instance> {
  const [blue] = groupNames
  const digest = await service.digestOf('v1')
  await service.tagVersion(blue, 'v1')
  const machine = await service.launch(blue)
  await service.untilServing(blue, machine)
  await service.suspend(blue, 'HealthCheck', 'ReplaceUnhealthy', 'Terminate')
  const here = new URL('.', import.meta.url)
  const files = {
    'image.env': Buffer.from(`REPOSITORY=${repository}\nDIGEST=${digest}\n`),
    'compose.yaml': await readFile(new URL('../../../bootstrap/example/web/compose.yaml', here)),
    'machine.sh': await readFile(new URL('machine.sh', here)),
    'script.sh': await readFile(new URL('script.sh', here)),
  }
  await machine.sh('mkdir -p /opt/bench')
  for (const [name, content] of Object.entries(files))
    await machine.sh(
      `echo ${content.toString('base64')} | base64 --decode >/opt/bench/${name}; chmod +x /opt/bench/${name}`,
    )
  return machine
}
