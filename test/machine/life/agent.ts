import { expect, test } from 'vitest'
import { eventually } from '../support/wait.ts'
import type { Answer } from '../support/watch.ts'
import { atLeast, blue, failed, instance, started, targetHealth, unit, watching } from './machine.ts'

/** The agent as a service of its machine: killed, restarted, upgraded, hung, misconfigured. */

test('a killed agent comes back by itself; health checks wait for it, and the app notices nothing', async () => {
  const container = await instance.container()
  const before = await unit('MainPID')
  const readyz = watching(instance.watchReadyz())
  const app = watching(instance.watchApp())
  const kill = await killed()
  await eventually('another agent runs', async () => {
    const now = await unit('MainPID')
    return now !== '0' && now !== before && (await instance.status()).phase === 'ready'
  })
  await atLeast(readyz, readyz.answers.length + 5)

  expect(failed(await readyz.stop()).filter((answer) => !diedWith(kill, answer))).toEqual([])
  expect(failed(await app.stop())).toEqual([])
  expect(await unit('NRestarts')).toBe('1')
  expect(await instance.container()).toEqual(container)
  expect(await instance.status()).toMatchObject({
    phase: 'ready',
    version: 'v1',
    images: [{ imageId: container.imageId }],
  })
  expect(await targetHealth()).toBe('healthy')
})

test('an agent restarted or killed thirty times in a row: no health check fails, and the app notices nothing', async () => {
  const app = await started()
  const readyz = watching(instance.watchReadyz(500))
  const kills: Span[] = []
  for (let ends = 0; ends < 30; ends += 1) {
    // Each agent has answered something before it goes: how slow this machine starts one is not the question.
    await atLeast(readyz, readyz.answers.length + 1)
    if (ends % 2 === 0) await instance.sh('systemctl restart switchover-agent')
    else kills.push(await killed())
  }
  await instance.untilReady()

  const answers = failed(await readyz.stop())
  expect(answers.filter((answer) => !kills.some((kill) => diedWith(kill, answer)))).toEqual([])
  expect(await started()).toEqual(app)
})

test('an upgraded agent takes over from the one before it', async () => {
  const app = await started()
  const readyz = watching(instance.watchReadyz())
  await instance.sh(`
    cp -a "$(readlink -f /opt/switchover/current)" /opt/switchover/agent-next
    ln -s /opt/switchover/agent-next /opt/switchover/.current
    mv -T /opt/switchover/.current /opt/switchover/current
    systemctl restart switchover-agent`)
  await instance.untilReady()
  await atLeast(readyz, readyz.answers.length + 5)

  expect(failed(await readyz.stop())).toEqual([])
  expect(await instance.sh(`readlink /proc/${await unit('MainPID')}/exe`)).toBe(
    '/opt/switchover/agent-next/bin/node',
  )
  expect(await started()).toEqual(app)
})

test('the units are clean to systemd, confine the agent, and wait for no stage of cloud-init that could wait for them', async () => {
  const units = '/etc/systemd/system/switchover-agent.{service,socket}'
  expect(await instance.sh(`systemd-analyze verify ${units} 2>&1`)).toBe('')
  const security = await instance.sh('systemd-analyze security --no-pager switchover-agent.service')
  const exposure = /Overall exposure level for switchover-agent\.service: ([\d.]+)/.exec(security)?.[1]
  expect(Number(exposure)).toBeLessThanOrEqual(5)
  const before = await instance.sh(
    'systemctl list-dependencies --after --all --plain switchover-agent.service',
  )
  expect(before).toContain('docker.service')
  // User-data runs in cloud-final.service, and starts the agent from there.
  expect(before).not.toMatch(
    /cloud-config\.service|cloud-final\.service|cloud-init\.target|multi-user\.target/,
  )
})

test('a change of phase is found in the journal by its fields', async () => {
  const entries = await instance.sh(
    `journalctl --unit=switchover-agent --output=json --lines=1 SWITCHOVER_PHASE=ready SWITCHOVER_INSTANCE=${instance.id}`,
  )
  expect(JSON.parse(entries)).toMatchObject({
    MESSAGE: expect.stringMatching(/ -> ready$/),
    PRIORITY: '6',
    SYSLOG_IDENTIFIER: 'switchover-agent',
    SWITCHOVER_SERVICE: 'web',
    SWITCHOVER_GROUP: blue,
    SWITCHOVER_VERSION: 'v1',
  })
})

test('an agent that hangs is ended by its watchdog, and the next one serves', async () => {
  await dropIn('WatchdogSec=3s')
  await instance.sh('systemctl restart switchover-agent')
  const hung = await unit('MainPID')
  const app = await started()
  await instance.sh('systemctl kill --kill-whom=main --signal=STOP switchover-agent')
  await eventually('another agent runs', async () => !['0', hung].includes(await unit('MainPID')))
  await instance.untilReady()
  expect(await instance.journal()).toMatch(/switchover-agent\.service: Watchdog timeout/)
  expect(await started()).toEqual(app)
})

test('an agent that cannot use its configuration says why and is not started again', async () => {
  await dropIn('Environment=DOCKER_HOST=tcp://10.0.0.1:2375')
  await instance.sh('systemctl restart switchover-agent || true')
  await eventually('both units rest', async () => {
    const states = await instance.sh(
      'systemctl is-active switchover-agent.service switchover-agent.socket || true',
    )
    return states === 'failed\ninactive'
  })
  expect([await unit('ExecMainStatus'), await unit('NRestarts')]).toEqual(['78', '0'])
  expect(await instance.journal()).toContain(
    `DOCKER_HOST is "tcp://10.0.0.1:2375": the agent speaks to its own machine's engine only, unix://PATH.`,
  )

  await dropIn('')
  await instance.sh('systemctl start switchover-agent')
  await instance.untilReady()
  expect(await instance.sh('systemctl is-active switchover-agent.socket')).toBe('active')
})

type Span = { from: number; to: number }

/** Kills the agent, at some moment of the span it returns. */
async function killed(): Promise<Span> {
  const from = Date.now()
  await instance.sh('systemctl kill --signal=KILL switchover-agent')
  return { from, to: Date.now() }
}

/** What has left the queue dies with the agent that took it, a millisecond of each half second: a load balancer asks again. */
function diedWith({ from, to }: Span, { sentAt, at, code, body }: Answer): boolean {
  return code === null && /socket hang up|ECONNRESET/.test(body) && sentAt <= to && at >= from
}

/** Settings of the agent's unit on top of those it has, until the machine starts anew or others are given. */
async function dropIn(settings: string): Promise<void> {
  const directory = '/run/systemd/system/switchover-agent.service.d'
  await instance.sh(`
    mkdir -p ${directory}
    printf '[Service]\\n%s\\n' '${settings}' >${directory}/test.conf
    systemctl daemon-reload`)
}
