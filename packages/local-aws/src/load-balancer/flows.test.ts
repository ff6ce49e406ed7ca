import { once } from 'node:events'
import { get } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Cloud } from '../cloud.ts'
import { createCloud } from '../create-cloud.ts'
import { builtInImages } from '../ec2/model.ts'
import { closeServer, freePort, listen } from '../listening.ts'
import { defaultAttributes, defaultHealthCheck } from '../load-balancing/settings.ts'
import type { Pool } from '../load-balancing/target-group.ts'
import { seededRandom } from '../seeded-random.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import { DataPlane } from './data-plane.ts'
import { machines } from './machines.fixture.ts'
import { networkProbe } from './network-probe.ts'

let clock: SimulatedClock
let cloud: Cloud
let plane: DataPlane
let app: Server
let appPort: number
let clients: Socket[]
/** What the app says to a flow, once. */
let greeting: string

beforeEach(async () => {
  clock = new SimulatedClock()
  cloud = createCloud({
    clock,
    random: seededRandom(1),
    machines: () => machines,
    probe: async () => ({ ok: true }),
  })
  plane = new DataPlane(cloud, { host: '127.0.0.1', onRefused: (sentence) => expect.fail(sentence) })
  clients = []
  greeting = 'hello '
  app = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.write(greeting)
    socket.pipe(socket)
  })
  appPort = await listen(app, '127.0.0.1', 0)
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await plane.close()
  await closeServer(app)
})

async function register(pool: Pool): Promise<string> {
  const data = { ImageId: builtInImages[0]?.id ?? '' }
  const version = cloud.ec2.templates.version(cloud.ec2.templates.create('t', data, null, []))
  const { id } = cloud.ec2.run({ version, availabilityZone: 'us-east-1a', subnetId: 'subnet-a', tags: {} })
  await clock.advance(0)
  cloud.loadBalancing.register(pool, id)
  return id
}

/** @returns its port */
async function networkLoadBalancer(attributes: Record<string, string> = {}) {
  const port = await freePort()
  const group = cloud.loadBalancing.addTargetGroup({
    name: 'flows',
    protocol: 'TCP',
    port: appPort,
    vpcId: null,
    healthCheck: defaultHealthCheck('TCP', undefined),
    attributes: { ...defaultAttributes('TCP'), 'deregistration_delay.timeout_seconds': '10', ...attributes },
    tags: new Map(),
  })
  const balancer = cloud.loadBalancing.addLoadBalancer('network', 'flows', 'internal', [])
  cloud.loadBalancing.addListener(balancer, 'TCP', port, group.arn)
  await plane.opened()
  return { port, group }
}

async function classicLoadBalancer(protocol: 'HTTP' | 'TCP', instancePort: number) {
  const port = await freePort()
  const balancer = cloud.loadBalancing.addClassic({
    kind: 'classic',
    id: 'old-web',
    port: 1,
    scheme: 'internal',
    zones: [],
    subnets: [],
    listeners: [{ protocol, port, instancePort }],
    healthCheck: { ...defaultHealthCheck('TCP', undefined), healthyThreshold: 2 },
    draining: { enabled: false, timeoutS: 300 },
    tags: new Map(),
  })
  await plane.opened()
  return { port, balancer }
}

async function flow(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  clients.push(socket)
  await once(socket, 'connect')
  return socket
}

/** How a flow ends that is not wanted, before or after it stands. */
async function refusal(port: number): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port })
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  return error.code
}

async function said(socket: Socket): Promise<string> {
  const [part] = (await once(socket, 'data')) as [Buffer]
  return part.toString()
}

describe('a Network Load Balancer', () => {
  test('joins a flow to a target; each end closes its own direction', async () => {
    const { port, group } = await networkLoadBalancer()
    await register(group)
    const socket = await flow(port)
    socket.end('and back')
    expect(await text(socket)).toBe('hello and back')
  })

  test('resets a flow nobody can take', async () => {
    const { port } = await networkLoadBalancer()
    expect(await refusal(port)).toBe('ECONNRESET')
  })

  test('resets a flow whose target refuses it', async () => {
    const { port, group } = await networkLoadBalancer()
    await register(group)
    await closeServer(app)
    expect(await refusal(port)).toBe('ECONNRESET')
  })

  test('keeps a flow while its target drains and after', async () => {
    const { port, group } = await networkLoadBalancer()
    const id = await register(group)
    const socket = await flow(port)
    expect(await said(socket)).toBe('hello ')
    cloud.loadBalancing.deregister(group, id)
    await clock.advance(20_000)
    expect(group.targets.size).toBe(0)
    socket.write('still there')
    expect(await said(socket)).toBe('still there')
  })

  test('ends it with the delay, where connection termination is on', async () => {
    const { port, group } = await networkLoadBalancer({
      'deregistration_delay.connection_termination.enabled': 'true',
    })
    const id = await register(group)
    const socket = await flow(port)
    expect(await said(socket)).toBe('hello ')
    cloud.loadBalancing.deregister(group, id)
    const ended = once(socket, 'error')
    await clock.advance(10_000)
    const [error] = (await ended) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNRESET')
  })

  test('ends a flow that was silent for 350 s', async () => {
    const { port, group } = await networkLoadBalancer()
    await register(group)
    const socket = await flow(port)
    expect(await said(socket)).toBe('hello ')
    const ended = once(socket, 'error')
    await clock.advance(351_000)
    expect(await ended).toHaveLength(1)
  })
})

describe('a classic load balancer', () => {
  test('sends requests to the instance port of its listener, and 503 while nothing is in service', async () => {
    greeting = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'
    const { port, balancer } = await classicLoadBalancer('HTTP', appPort)
    const status = async () => {
      const [answer] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response')
      answer.resume()
      return answer.statusCode as number
    }
    expect(await status()).toBe(503)
    await register(balancer)
    expect(await status()).toBe(503)
    await clock.advance(60_000)
    expect(await status()).toBe(200)
  })

  test('joins TCP flows, and cuts them when the instance is deregistered without draining', async () => {
    const { port, balancer } = await classicLoadBalancer('TCP', appPort)
    const id = await register(balancer)
    await clock.advance(60_000)
    const socket = await flow(port)
    expect(await said(socket)).toBe('hello ')
    const ended = once(socket, 'error')
    cloud.loadBalancing.deregister(balancer, id)
    await clock.advance(0)
    expect(await ended).toHaveLength(1)
  })
})

function check(port: number) {
  return networkProbe(clock)({ ip: '127.0.0.1', port, path: null, timeoutMs: 2_000, okStatus: () => false })
}

describe('a TCP health check', () => {
  test('is content with a connection', async () => {
    expect(await check(appPort)).toEqual({ ok: true })
  })

  test('fails where nobody listens', async () => {
    expect(await check(await freePort())).toMatchObject({ ok: false, reason: 'Target.FailedHealthChecks' })
  })
})
