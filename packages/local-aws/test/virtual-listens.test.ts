import { parseReport } from '@switchover/contract/report'
import { expect, onTestFinished, test } from 'vitest'
import { createCloud } from '../src/create-cloud.ts'
import { metadataOptions } from '../src/ec2/metadata-options.ts'
import { virtualMachines } from '../src/instances/virtual.ts'
import { networkProbe } from '../src/load-balancer/network-probe.ts'
import { RealClock } from '../src/real-clock.ts'

test('a virtual machine that listens answers on an address of its own, and is found by health checks over HTTP', async () => {
  const clock = new RealClock()
  const cloud = createCloud({
    clock,
    random: () => 0.5,
    machines: (cloud) =>
      virtualMachines(cloud, { listen: true, launchMs: 0, bootMs: 0, pullMs: 0, appMs: 0, drainMs: 0 }),
    probe: networkProbe(clock),
  })
  onTestFinished(() => cloud.machines.close())
  expect(cloud.machines.probe).toBeUndefined()
  const ip = cloud.machines.nextIp()
  expect(ip).toMatch(/^127\.(?!0\.)/)
  expect(cloud.machines.nextIp()).not.toBe(ip)
  const { promise: isRunning, resolve: running } = Promise.withResolvers<void>()
  const spec = {
    instanceId: 'i-0123456789abcdef0',
    ip,
    imageId: 'ami-1',
    instanceType: 't3.micro',
    availabilityZone: 'us-east-1a',
    role: null,
    userData: null,
    launchedAt: clock.now(),
    metadataOptions: metadataOptions(),
    tags: {},
  }
  const machine = cloud.machines.start(spec, { running, stopped() {} })
  await isRunning
  const check = {
    ip,
    port: 8_090,
    path: '/readyz',
    timeoutMs: 2_000,
    okStatus: (status: number) => status === 200,
  }
  await expect
    .poll(() => cloud.probe(check))
    .toMatchObject({ ok: false, reason: 'Target.ResponseCodeMismatch' })
  expect(await cloud.probe({ ...check, path: '/livez' })).toEqual({ ok: true })
  const status = await fetch(`http://${ip}:8090/status`)
  expect(parseReport(await status.text())).toMatchObject({ ok: true })
  await machine.terminate()
  expect(await cloud.probe(check)).toMatchObject({ ok: false, reason: 'Target.FailedHealthChecks' })
})
