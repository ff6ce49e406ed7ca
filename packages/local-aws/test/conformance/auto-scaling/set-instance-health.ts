import { SetInstanceHealthCommand, type SetInstanceHealthCommandInput } from '@aws-sdk/client-auto-scaling'
import { expect } from 'vitest'
import { invalid, stranger } from '../support/refused.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('Auto Scaling', 'SetInstanceHealth')
const checks = 'Auto Scaling user guide, ec2-auto-scaling-health-checks'

const set = ({ place }: Scene, InstanceId = '', more: Partial<SetInstanceHealthCommandInput> = {}) =>
  place.autoScaling.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Unhealthy', ...more }))
const told = async (scene: Scene, name: string) =>
  ((await scene.find(name)).Instances ?? []).map((one) => one.HealthStatus)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'an unhealthy instance is replaced' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await set(scene, ids[0])
    expect(await told(scene, name)).toEqual(['Unhealthy'])
    await scene.until(
      'a replacement',
      async () => {
        const states = await scene.states(name)
        return !states.has(ids[0] ?? '') && [...states.values()].join() === 'InService'
      },
      900,
    )
  },
)

row(
  {
    status: 'model',
    source: 'botocore autoscaling',
    says: 'the grace period is respected unless ShouldRespectGracePeriod is false',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1, HealthCheckGracePeriod: 3_600 })
    await set(scene, ids[0])
    expect(await told(scene, name)).toEqual(['Healthy'])
    await set(scene, ids[0], { ShouldRespectGracePeriod: false })
    expect(await told(scene, name)).toEqual(['Unhealthy'])
  },
)

row(
  { status: 'documented', source: checks, says: 'Healthy for an instance that is terminating is an error' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1 })
    await set(scene, ids[0])
    await scene.until(
      'the end',
      async () => !(await scene.idsIn(name, 'InService')).includes(ids[0] ?? ''),
      300,
    )
    expect(await scene.refusal(set(scene, ids[0], { HealthStatus: 'Healthy' }))).toMatchObject({
      code: 'ValidationError',
      status: 400,
    })
  },
)

row(
  {
    status: 'trace',
    source: 'recorded ClientErrors in several repositories',
    says: 'an instance of no group is refused',
  },
  async (scene) => {
    const { code, message } = await scene.refusal(set(scene, stranger))
    expect(code).toBe('ValidationError')
    expect(message).toMatch(
      /^Instance Id not found - No managed instance found for instance ID:? i-0123456789abcdef0$/,
    )
  },
)

row(
  { status: 'documented', source: checks, says: 'protection from scale-in does not stop the replacement' },
  async (scene) => {
    const { name, ids } = await scene.group({ DesiredCapacity: 1, NewInstancesProtectedFromScaleIn: true })
    await set(scene, ids[0])
    await scene.until('its end', async () => !(await scene.states(name)).has(ids[0] ?? ''), 600)
  },
)

row(
  {
    status: 'documented',
    source: checks,
    says: 'at most 10 % of desired are replaced at a time',
    local: 'It takes twenty instances.',
  },
  async (scene) => {
    const { name, ids } = await scene.group({ MaxSize: 20, DesiredCapacity: 20 })
    for (const id of ids.slice(0, 10)) await set(scene, id)
    let least = 20
    await scene.until(
      'ten replaced',
      async () => {
        const serving = await scene.idsIn(name, 'InService')
        least = Math.min(least, serving.length)
        return serving.filter((id) => !ids.includes(id)).length === 10
      },
      3_600,
    )
    expect(least).toBe(18)
  },
)

row(
  { status: 'model', source: 'botocore autoscaling', says: 'only Healthy and Unhealthy are known' },
  async (scene) => {
    const { ids } = await scene.group({ DesiredCapacity: 1 })
    expect(await scene.refusal(set(scene, ids[0], { HealthStatus: 'Tired' }))).toEqual({
      ...invalid(''),
      message: expect.any(String) as string,
    })
  },
)
