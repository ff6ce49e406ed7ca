import { RebootInstancesCommand } from '@aws-sdk/client-ec2'
import { expect, test } from 'vitest'
import { repository } from '../support/service.ts'
import { eventually } from '../support/wait.ts'
import type { Answer } from '../support/watch.ts'
import { atLeast, blue, body, failed, instance, service, unit, watching } from './machine.ts'

/** What a machine is ready by when engine, machine or AWS go and come back. */

test('an app that goes with its engine takes readiness with it; both come back by themselves', async () => {
  const { startedAt, imageId } = await instance.container()
  await instance.sh('systemctl stop docker.socket docker.service')
  const down = await eventually('the machine is not ready', async () => {
    const answer = await instance.readyz()
    return answer.code === 503 ? answer : null
  })
  expect(down.body).toMatch(/^verifying: .*127\.0\.0\.1:8080/)

  await instance.sh('systemctl start docker.service')
  await instance.untilReady()
  const container = await instance.container()
  expect(container.startedAt).toBeGreaterThan(startedAt)
  expect(container.imageId).toBe(imageId)
  expect(await instance.journal()).toContain('The Docker engine answers again.')
})

test('a rebooted machine comes back with the version it had, though its group has another by now', async () => {
  const boot = await instance.boot()
  await service.tagVersion(blue, 'v2')
  const readyz = watching(instance.watchReadyz())
  await service.stage.clients.ec2.send(new RebootInstancesCommand({ InstanceIds: [instance.id] }))
  // Looked at over the network alone: a shell in a machine that goes down would hold it up.
  const down = await eventually('the machine is down', async () =>
    Promise.resolve(readyz.answers.find((answer) => answer.code === null) ?? null),
  )
  await instance.untilReady()

  expect(await instance.boot()).not.toBe(boot)
  const ended = await instance.sh('journalctl --boot=-1 --unit=switchover-agent')
  expect(ended).toContain('Ending (shutdown): the app is stopped in')
  const status = await instance.status()
  expect(status).toMatchObject({ version: 'v1', images: [{ digest: await service.digestOf('v1') }] })
  expect(await instance.journal()).toContain(`was verified to run v1 of group ${blue} before`)
  const answers = (await readyz.stop()).filter((answer) => answer.at > down.at)
  expect(answers.some((answer) => answer.code === 503)).toBe(true)
  expect(before(answers, Date.parse(status.since))).toEqual([])
  expect(Date.parse(status.since)).toBeGreaterThanOrEqual((await instance.container()).startedAt)
})

test('a machine that boots without an engine and out of reach of AWS waits for the engine, and says so', async () => {
  const boot = await instance.boot()
  await makeImpostor()
  await instance.sh('systemctl mask docker.service docker.socket')
  service.scene.faults.aws = 'away'
  // Pulls the plug from inside: nothing is stopped in order, and what ran is what Docker will restart.
  await instance.sh('systemctl reboot --force --force').catch(() => '')
  await eventually('a new boot', async () => (await instance.boot()) !== boot)

  const answer = await eventually('the agent names the engine', async () => {
    const answer = await instance.readyz()
    return answer.body.includes('engine') ? answer : null
  })
  expect(answer).toMatchObject({ code: 503, body: 'pulling: The Docker engine does not answer.\n' })
  expect(await instance.status()).toMatchObject({ version: 'v1', images: [] })
})

test('what Docker itself restarts does not count, however well it answers; the agent goes on by itself', async () => {
  const pid = await unit('MainPID')
  const readyz = watching(instance.watchReadyz())
  // Held for a while, so that the engine has the time to do its worst.
  await instance.sh('systemctl kill --kill-whom=main --signal=STOP switchover-agent')
  await instance.sh('systemctl unmask docker.service docker.socket; systemctl start docker.service')
  await eventually('the impostor answers', async () => (await body(instance.app)) === 'impostor')
  await instance.sh('systemctl kill --kill-whom=main --signal=CONT switchover-agent')
  await instance.untilReady()

  expect(await unit('MainPID')).toBe(pid)
  expect(await body(instance.app)).toBe('v1')
  const status = await instance.status()
  const { imageId, startedAt } = await instance.container()
  expect(status).toMatchObject({ phase: 'ready', images: [{ imageId }] })
  expect(Date.parse(status.since)).toBeGreaterThanOrEqual(startedAt)
  expect(before(await readyz.stop(), Date.parse(status.since))).toEqual([])

  service.scene.faults.aws = null
  expect(status.images[0]?.digest).toBe(await service.digestOf('v1'))
  await eventually('the report arrives', async () => {
    const report = await service.report(instance.id)
    return report?.since === status.since ? true : null
  })
})

test('an agent that starts while the metadata service is off goes on with what this boot has verified', async () => {
  const readyz = watching(instance.watchReadyz())
  service.scene.faults.metadata = { httpEndpoint: 'disabled' }
  await instance.sh('systemctl restart switchover-agent')
  await eventually('the new agent has asked', async () =>
    (await instance.journal()).includes('it is switched off for this instance'),
  )
  await atLeast(readyz, readyz.answers.length + 5)
  expect(failed(await readyz.stop())).toEqual([])
  expect(await instance.status()).toMatchObject({ phase: 'ready', reason: null })
  service.scene.faults.metadata = {}
})

/** Somebody moves the pinned name to an image of their own and runs that, while the agent is away. */
async function makeImpostor(): Promise<void> {
  const project = `/var/lib/switchover/bundles/${service.stage.revision}`
  await instance.sh(`
    systemctl stop switchover-agent.socket switchover-agent.service
    web=$(docker ps --quiet --filter label=com.docker.compose.service=web)
    docker exec $web busybox sh -c 'echo impostor >/www/index.html'
    docker commit $web ${repository}:live
    docker compose -p web -f ${project}/compose.yaml --project-directory ${project} up -d --pull never
    sync`)
  await eventually('the impostor answers', async () => (await body(instance.app)) === 'impostor')
}

/** Answers that call the machine ready before it was. */
function before(answers: readonly Answer[], readyAt: number): Answer[] {
  return answers.filter((answer) => answer.code === 200 && answer.at < readyAt)
}
