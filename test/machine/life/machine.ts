import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import * as account from '@switchover/rehearsal/account'
import type { Instance } from '../support/instance.ts'
import { Service } from '../support/service.ts'
import { eventually } from '../support/wait.ts'
import { ask, type Answer, type Watch } from '../support/watch.ts'

/** One machine that all tests of a life share, in their order: each goes on with what the one before it left. */

export const [blue, green] = account.groupNames

export let service: Service
/** The machine, or the one that its group has replaced it with. */
export let instance: Instance
const watches: Watch[] = []

export async function open(): Promise<void> {
  service = await Service.open()
  await service.tagVersion(blue, 'v1')
  // These tests end machines' health by hand; the group looks away until the one in which it must not.
  await service.suspend(blue, 'HealthCheck')
  instance = await service.launch(blue)
  await service.untilServing(blue, instance)
}

export async function close(): Promise<void> {
  await Promise.all(watches.map((watch) => watch.stop()))
  await service?.close()
}

/** Lets the group replace a machine that is dead. */
export async function untilReplaced(): Promise<void> {
  await service.resume(blue, 'HealthCheck')
  instance = await service.launched(blue, [instance.id])
  await service.untilServing(blue, instance)
}

/** Stopped in the end, whatever becomes of the test. */
export function watching(watch: Watch): Watch {
  watches.push(watch)
  return watch
}

/** Which containers the machine has, and when each was started. */
export function started(): Promise<string> {
  return instance.sh(`docker ps --all --quiet --no-trunc | sort |
    xargs docker inspect --format '{{.Id}} {{.State.StartedAt}} {{.RestartCount}}'`)
}

export function unit(property: string): Promise<string> {
  return instance.sh(`systemctl show --value --property=${property} switchover-agent`)
}

export async function targetHealth(): Promise<string | undefined> {
  const { clients, targetGroupArn } = service.stage
  const { TargetHealthDescriptions = [] } = await clients.elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: instance.id }] }),
  )
  return TargetHealthDescriptions[0]?.TargetHealth?.State
}

export async function body(url: string): Promise<string> {
  return (await ask(url)).body.trim()
}

export function atLeast(watch: Watch, answers: number): Promise<boolean> {
  return eventually('more answers', async () => Promise.resolve(watch.answers.length >= answers))
}

export function failed(answers: readonly Answer[]): Answer[] {
  return answers.filter((answer) => answer.code !== 200)
}
