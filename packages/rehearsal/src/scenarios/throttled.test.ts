import { expect, test } from 'vitest'
import type { WireRequest, WireResponse } from '@switchover/local-aws/wire/message'
import { throttling } from './throttled.ts'

const answer: WireResponse = { status: 200, headers: {}, body: Buffer.from('') }

function request(service: string, agent: string): WireRequest {
  const scope = `Credential=key/20260101/us-east-1/${service}/aws4_request`
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}`, 'user-agent': agent },
    body: Buffer.from(''),
  }
}

/** Statuses of `calls` calls, one after the other at the same moment. */
async function statuses(service: string, agent: string, calls: number, waitMs = 0): Promise<number[]> {
  let [now, refused] = [0, 0]
  const intercept = throttling(
    () => now,
    () => (refused += 1),
  )
  const seen: number[] = []
  for (let call = 0; call < calls; call += 1) {
    const taken = await intercept({ service, operation: 'X' }, async () => answer, request(service, agent))
    seen.push(taken?.status ?? 0)
    now += waitMs
  }
  expect(refused).toBe(seen.filter((status) => status !== 200).length)
  return seen
}

test.each([
  ['autoscaling', 400],
  ['elasticloadbalancing', 400],
  ['ec2', 503],
])('%s takes three calls of a coordinator at once and refuses the next with %i', async (service, status) => {
  expect(await statuses(service, 'switchover/0.1.0 aws-sdk-js', 5)).toEqual([200, 200, 200, status, status])
})

test('whoever calls twice a second is not refused', async () => {
  expect(new Set(await statuses('autoscaling', 'switchover/0.1.0', 20, 500))).toEqual(new Set([200]))
})

test.each([
  ['s3', 'switchover/0.1.0'],
  ['autoscaling', 'switchover-agent/0.1.0'],
  ['autoscaling', 'aws-cli/2'],
])('%s is not refused to %s', async (service, agent) => {
  expect(new Set(await statuses(service, agent, 9))).toEqual(new Set([200]))
})
