import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Agent, createServer, request, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Cloud } from '../cloud.ts'
import { createCloud } from '../create-cloud.ts'
import { builtInImages } from '../ec2/model.ts'
import { inProcessHandler } from '../in-process.ts'
import { closeServer, freePort, listen } from '../listening.ts'
import { seededRandom } from '../seeded-random.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import { DataPlane } from './data-plane.ts'
import { machines } from './machines.fixture.ts'

const drainMs = 20_000

let clock: SimulatedClock
let cloud: Cloud
let elb: ElasticLoadBalancingV2Client
let plane: DataPlane
let targetGroupArn: string
let listenerArn: string
let port: number
let refused: string[]
/** Ports whose health checks pass. */
let healthy: Set<number>
let servers: Server[]

beforeEach(async () => {
  clock = new SimulatedClock()
  healthy = new Set()
  servers = []
  refused = []
  cloud = createCloud({
    clock,
    random: seededRandom(1),
    machines: () => machines,
    probe: async (check) =>
      healthy.has(check.port)
        ? { ok: true }
        : { ok: false, reason: 'Target.FailedHealthChecks', description: 'Health checks failed' },
  })
  elb = new ElasticLoadBalancingV2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: inProcessHandler(cloud),
  })
  plane = new DataPlane(cloud, { host: '127.0.0.1', onRefused: (sentence) => refused.push(sentence) })
  const balancer = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'lb', Subnets: ['subnet-a', 'subnet-b'] }),
  )
  const group = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'web',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: 'vpc-1',
      HealthCheckIntervalSeconds: 10,
    }),
  )
  targetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(drainMs / 1_000) }],
    }),
  )
  port = await freePort()
  const LoadBalancerArn = balancer.LoadBalancers?.[0]?.LoadBalancerArn
  const made = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  listenerArn = made.Listeners?.[0]?.ListenerArn ?? ''
  await plane.opened()
})

afterEach(async () => {
  await plane.close()
  await Promise.all(servers.map(closeServer))
})

type Target = { Id: string; Port: number }

/** An instance that serves with `listener`, registered but not yet checked. */
async function register(listener: RequestListener): Promise<Target> {
  const server = createServer(listener)
  servers.push(server)
  await listen(server, '127.0.0.1', 0)
  const { port: Port } = server.address() as AddressInfo
  const data = { ImageId: builtInImages[0]?.id ?? '' }
  const version = cloud.ec2.templates.version(cloud.ec2.templates.create(`t${Port}`, data, null, []))
  const Id = cloud.ec2.run({ version, availabilityZone: 'us-east-1a', subnetId: 'subnet-a', tags: {} }).id
  await clock.advance(0)
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id, Port }] }))
  return { Id, Port }
}

async function serveHealthy(listener: RequestListener): Promise<Target> {
  const target = await register(listener)
  healthy.add(target.Port)
  await clock.advance(15_000)
  expect(await stateOf(target)).toBe('healthy')
  return target
}

async function stateOf(target: Target): Promise<string | undefined> {
  const { TargetHealthDescriptions } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets: [target] }),
  )
  return TargetHealthDescriptions?.[0]?.TargetHealth?.State
}

async function deregister(target: Target): Promise<void> {
  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [target] }))
}

type Answer = { status: number; body: string; headers: Record<string, unknown> }

function send(
  path = '/',
  options: { method?: string; headers?: Record<string, string>; body?: string; agent?: Agent } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, agent = false, ...rest } = options
    const sent = request({ host: '127.0.0.1', port, path, agent, ...rest }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => (text += part))
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const says =
  (text: string): RequestListener =>
  (_request, response) =>
    response.end(text)

describe('where requests go', () => {
  test('503 while nothing is registered', async () => {
    expect((await send()).status).toBe(503)
  })

  test('round the healthy targets in turn', async () => {
    await serveHealthy(says('a'))
    await serveHealthy(says('b'))
    const bodies: string[] = []
    for (let count = 0; count < 6; count++) bodies.push((await send()).body)
    expect(bodies.toSorted().join('')).toBe('aaabbb')
    expect(bodies[0]).not.toBe(bodies[1])
  })

  test('not to one that is not healthy yet', async () => {
    await serveHealthy(says('a'))
    await register(says('new'))
    for (let count = 0; count < 4; count++) expect((await send()).body).toBe('a')
  })

  test('to all when none is healthy: it fails open', async () => {
    const target = await serveHealthy(says('a'))
    healthy.clear()
    await clock.advance(60_000)
    expect(await stateOf(target)).toBe('unhealthy')
    expect(await send()).toMatchObject({ status: 200, body: 'a' })
  })

  test('nowhere once the listener is deleted', async () => {
    await serveHealthy(says('a'))
    await elb.send(new DeleteListenerCommand({ ListenerArn: listenerArn }))
    await expect
      .poll(() => send().then(String, (error: NodeJS.ErrnoException) => error.code))
      .toBe('ECONNREFUSED')
  })

  test('a port in use is told in a sentence', async () => {
    const [balancer] = cloud.loadBalancing.loadBalancers.values()
    const taken = createServer()
    servers.push(taken)
    const takenPort = await listen(taken, '127.0.0.1', 0)
    if (balancer) cloud.loadBalancing.addListener(balancer, 'HTTP', takenPort, targetGroupArn)
    await plane.opened()
    expect(refused).toEqual([
      `The load balancer's port ${takenPort} cannot be opened on 127.0.0.1: EADDRINUSE.`,
    ])
  })
})

describe('what is passed on', () => {
  test('method, path, body and headers, with what an ALB adds and without what is about one connection', async () => {
    const seen: Answer[] = []
    await serveHealthy((incoming, response) => {
      let body = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (part: string) => (body += part))
      incoming.on('end', () => {
        seen.push({
          status: 0,
          body: `${incoming.method} ${incoming.url} ${body}`,
          headers: incoming.headers,
        })
        response
          .writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'x-version': 'v1', connection: 'close' })
          .end('made')
      })
    })
    const headers = { 'x-forwarded-for': '10.0.0.1', 'x-own': 'yes', connection: 'x-hop', 'x-hop': 'no' }
    const answer = await send('/path?q=1', { method: 'POST', headers, body: 'hello' })
    expect(answer).toMatchObject({ status: 201, body: 'made' })
    expect(answer.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-version': 'v1' })
    expect(seen[0]?.body).toBe('POST /path?q=1 hello')
    expect(seen[0]?.headers).toMatchObject({
      'x-own': 'yes',
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(port),
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    })
    expect(seen[0]?.headers).not.toHaveProperty('x-hop')
  })

  test('connections to a target are kept for the next request', async () => {
    const sockets = new Set<unknown>()
    await serveHealthy((incoming, response) => {
      sockets.add(incoming.socket)
      response.end('ok')
    })
    for (let count = 0; count < 5; count++) await send()
    expect(sockets.size).toBe(1)
  })
})

describe('when a target fails', () => {
  test('502 where it refuses the connection', async () => {
    await serveHealthy(says('a'))
    const [server] = servers.splice(0, 1)
    if (server) await closeServer(server)
    expect(await send()).toMatchObject({ status: 502, headers: { server: 'awselb/2.0' } })
  })

  test('502 where it hangs up, and the request is not sent twice', async () => {
    let asked = 0
    await serveHealthy((incoming) => {
      asked += 1
      incoming.socket.destroy()
    })
    expect((await send()).status).toBe(502)
    expect(asked).toBe(1)
  })

  test('504 after 60 s of silence', async () => {
    const reached = Promise.withResolvers<void>()
    await serveHealthy(() => reached.resolve())
    const answer = send()
    await reached.promise
    await clock.advance(59_000)
    await clock.advance(2_000)
    expect((await answer).status).toBe(504)
  })

  test('an answer that breaks off breaks off for the client too', async () => {
    await serveHealthy((incoming, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => incoming.socket.destroy())
    })
    await expect(send()).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('draining', () => {
  test('what is under way ends well, nothing new comes', async () => {
    const held = Promise.withResolvers<() => void>()
    const old = await serveHealthy((_incoming, response) => held.resolve(() => response.end('old')))
    const underWay = send()
    const release = await held.promise
    await serveHealthy(says('new'))
    await deregister(old)
    expect(await stateOf(old)).toBe('draining')
    for (let count = 0; count < 3; count++) expect((await send()).body).toBe('new')
    await clock.advance(drainMs - 1_000)
    release()
    expect(await underWay).toMatchObject({ status: 200, body: 'old' })
  })

  test('what is under way when the delay ends gets a 502', async () => {
    const reached = Promise.withResolvers<void>()
    const old = await serveHealthy(() => reached.resolve())
    const underWay = send()
    await reached.promise
    await deregister(old)
    await clock.advance(drainMs)
    expect(await stateOf(old)).toBe('unused')
    expect((await underWay).status).toBe(502)
  })

  test('a body that is half way when the delay ends is cut', async () => {
    const reached = Promise.withResolvers<void>()
    const old = await serveHealthy((_incoming, response) => {
      response.write('first', () => reached.resolve())
    })
    const underWay = send()
    const cut = expect(underWay).rejects.toMatchObject({ code: 'ECONNRESET' })
    await reached.promise
    await deregister(old)
    await clock.advance(drainMs)
    await cut
  })
})
