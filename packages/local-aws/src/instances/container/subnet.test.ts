import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressIn, freeSubnets } from './subnet.ts'

const HEADER = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
const DEFAULT_ROUTE = 'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'

test('a subnet is left out when a route lies in it, and all that lie in a wider route', () => {
  const one = freeSubnets(HEADER + DEFAULT_ROUTE + route('172.30.7.128', '255.255.255.128'), 0)
  expect(one).toHaveLength(511)
  expect(one).not.toContain('172.30.7.0/24')
  const wide = freeSubnets(HEADER + route('172.16.0.0', '255.240.0.0'), 0)
  expect(wide).toHaveLength(256)
  expect(wide[0]).toBe('10.213.0.0/24')
})

test('nothing is free where everything private is routed', () => {
  expect(
    freeSubnets(HEADER + route('172.16.0.0', '255.240.0.0') + route('10.0.0.0', '255.0.0.0'), 0.3),
  ).toEqual([])
})

test('the default route alone takes nothing; the random number only turns the order', () => {
  const inOrder = freeSubnets(HEADER + DEFAULT_ROUTE, 0)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
      expect(freeSubnets(HEADER + DEFAULT_ROUTE, random).toSorted()).toEqual(inOrder.toSorted())
    }),
  )
  expect(freeSubnets(HEADER + DEFAULT_ROUTE, 0.5)[0]).toBe('10.213.0.0/24')
})

test('addresses are counted in the last byte', () => {
  expect(addressIn('10.213.20.0/24', 11)).toBe('10.213.20.11')
})

/** A line of /proc/net/route on a little-endian machine. */
function route(destination: string, mask: string): string {
  return `br0\t${hex(destination)}\t00000000\t0001\t0\t0\t0\t${hex(mask)}\t0\t0\t0\n`
}

function hex(address: string): string {
  return Buffer.from(address.split('.').map(Number).toReversed()).toString('hex').toUpperCase()
}
