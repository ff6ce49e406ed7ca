import { expect } from 'vitest'
import { oneTarget } from '../support/one-target.ts'
import { operation } from '../support/row.ts'

const { row } = operation('ELBv2', 'DeregisterTargets')
const model = 'elbv2 2015-12-01, DeregisterTargets'

row(
  { status: 'model', source: model, says: 'a target that is not registered is no error' },
  async (scene) => {
    const { deregister, state } = await oneTarget(scene)
    await deregister()
    expect(await state()).toBe('unused')
  },
)

row(
  { status: 'model', source: model, says: 'a target with a port of its own has to be named with it' },
  async (scene) => {
    const { register, deregister, state } = await oneTarget(scene)
    await register(8_081)
    await deregister()
    expect(await state(8_081)).not.toBe('draining')
    expect(await state()).toBe('unused')
    await deregister(8_081)
    expect(await state(8_081)).toBe('draining')
  },
)

row(
  {
    status: 'documented',
    source: 'Application Load Balancer guide, load-balancer-target-groups',
    says: 'again while it drains changes nothing: the delay counts from the first call',
  },
  async (scene) => {
    const { register, deregister, reach } = await oneTarget(scene, { drainS: 30 })
    await register()
    await reach('healthy')
    await deregister()
    await scene.place.advance(20)
    await deregister()
    expect(await reach('unused')).toBeLessThan(25)
  },
)
