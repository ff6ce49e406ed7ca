import { describe, expect, test, vi } from 'vitest'
import { portsOf } from '../../test/support/account.ts'
import { createService, type Service } from '../../test/support/fleet.ts'
import { v2 } from '../../test/support/options.ts'
import type { PlannedCall } from '../events.ts'
import { deploy } from './deploy.ts'
import type { DeployOptions } from './options.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const reading = /^(?:Describe|Get|List|Head)/

type Sent = Readonly<{ operation: string; parameters: Record<string, string> }>

/** A call as the query protocol writes it: `Tags.member.1.Key`. */
function onTheWire({ operation, input }: PlannedCall): Sent {
  const flat = (value: unknown, path: string): [string, string][] => {
    if (value === undefined) return []
    if (Array.isArray(value)) return value.flatMap((one, at) => flat(one, `${path}.member.${at + 1}`))
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).flatMap(([key, one]) => flat(one, path === '' ? key : `${path}.${key}`))
    return [[path, JSON.stringify(value).replaceAll('"', '')]]
  }
  return { operation, parameters: Object.fromEntries(flat(input, '')) }
}

/** What is told of a deployment before it has an id. */
function withoutId(sent: readonly Sent[]): Sent[] {
  return sent.map(({ operation, parameters }) => {
    const entries = Object.entries(parameters).map(([key, value]): [string, string] => {
      const named = parameters[key.replace(/Value$/, 'Key')] === 'switchover:deployment'
      return [key, key.endsWith('.Value') && named ? 'ID' : value]
    })
    return { operation, parameters: Object.fromEntries(entries) }
  })
}

/** Every changing call that reaches AWS, the store's own apart. */
function watch(service: Service): Sent[] {
  const sent: Sent[] = []
  service.intercept = async (call, proceed, request) => {
    if (call.service !== 's3' && !reading.test(call.operation)) {
      const body = Object.fromEntries(new URLSearchParams(Buffer.from(request.body).toString()))
      const { Action: _, Version: __, ...parameters } = body
      sent.push({ operation: call.operation, parameters })
    }
    return proceed()
  }
  return sent
}

async function planned(service: Service, wish: DeployOptions): Promise<PlannedCall[]> {
  const ports = portsOf(service, 'a')
  await service.run(deploy(ports, { ...wish, plan: true }))
  return ports.events.flatMap((event) => (event.event === 'plan' ? event.calls : []))
}

const situations: [name: string, live: number, wish: DeployOptions][] = [
  ['a deployment', 2, v2],
  ['one of more instances than live has', 2, { ...v2, desired: 3 }],
  ['the first deployment', 0, { ...v2, desired: 2 }],
  ['a canary', 3, { ...v2, canary: { count: 1 } }],
]

describe('a plan prints the calls that are then sent', () => {
  test.each(situations)('%s', async (_, live, wish) => {
    const service = await createService(live)
    const calls = await planned(service, wish)
    const sent = watch(service)
    expect(await service.run(deploy(portsOf(service, 'a'), wish))).toMatchObject({ exitCode: 0 })
    expect(sent.length).toBeGreaterThan(1)
    expect(withoutId(calls.map(onTheWire))).toEqual(withoutId(sent))
  })
})
