import { XMLParser } from 'fast-xml-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCloud } from '../create-cloud.ts'
import { handle } from '../in-process.ts'
import { noMachines } from '../instances/none.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import { parseInput } from './json-service.ts'
import type { Input, InputValue } from './operation.ts'
import { parseQuery } from './query-input.ts'
import { element, encodeFields } from './xml.ts'

describe('query input', () => {
  test.each([
    ['Name=a', { Name: 'a' }],
    ['Name=a+b%20c%2Bd', { Name: 'a b c+d' }],
    ['Name=%EC%84%9C%EC%9A%B8', { Name: '서울' }],
    ['InstanceIds=', { InstanceIds: '' }],
    ['InstanceIds.member.1=i-1&InstanceIds.member.2=i-2', { InstanceIds: ['i-1', 'i-2'] }],
    ['Ids.member.10=j&Ids.member.2=b&Ids.member.1=a', { Ids: ['a', 'b', 'j'] }],
    ['Tags.member.1.Key=a&Tags.member.1.Value=b', { Tags: [{ Key: 'a', Value: 'b' }] }],
    [
      'Filters.member.1.Name=n&Filters.member.1.Values.member.2=y&Filters.member.1.Values.member.1=x',
      { Filters: [{ Name: 'n', Values: ['x', 'y'] }] },
    ],
    ['InstanceId.1=i-1&InstanceId.2=i-2', { InstanceId: ['i-1', 'i-2'] }],
    ['Filter.1.Name=n&Filter.1.Value.1=x', { Filter: [{ Name: 'n', Value: ['x'] }] }],
    ['LaunchTemplate.Version=%24Latest', { LaunchTemplate: { Version: '$Latest' } }],
  ])('%s', (body, input) => {
    expect(parseQuery(`Action=A&${body}&Version=1`)).toEqual({ action: 'A', version: '1', input })
  })

  test('names of the language itself are names like any other', () => {
    const { input } = parseQuery('Action=A&__proto__.x=1&constructor=2')
    expect(Object.keys(input)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test('too deep a name is refused', () => {
    expect(() => parseQuery(`Action=A&${'a.'.repeat(40)}b=1`)).toThrow('nests too deeply')
  })

  const name = fc.stringMatching(/^[A-Z][a-z]{0,6}$/).filter((text) => !['Action', 'Version'].includes(text))
  const { value } = fc.letrec<{ value: InputValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('value'), { minLength: 1, maxLength: 12 }),
      fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    ),
  }))

  test.each([
    { row: 'member', lists: 'of most services' },
    { row: null, lists: 'of EC2' },
  ])('what is flattened comes back nested: lists $lists', ({ row }) => {
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (input) => {
        const form = new URLSearchParams(flatten(input, row))
        expect(parseQuery(form.toString()).input).toEqual(input)
        expect(parseQuery(form.toString().replaceAll('+', '%20')).input).toEqual(input)
      }),
    )
  })
})

function flatten(value: InputValue, row: string | null, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]]
  const at = (part: string) => (path === '' ? part : `${path}.${part}`)
  if (Array.isArray(value)) {
    const list = row === null ? path : at(row)
    return (value as InputValue[]).flatMap((one, index) => flatten(one, row, `${list}.${index + 1}`))
  }
  return Object.entries(value as Input).flatMap(([name, one]) => flatten(one, row, at(name)))
}

describe('JSON input', () => {
  test('scalars are text, nulls are left out', () => {
    expect(parseInput('{"a":1,"b":true,"c":null,"d":[{"e":"f"},null]}')).toEqual({
      a: '1',
      b: 'true',
      d: [{ e: 'f' }],
    })
  })

  test.each(['{', '[]', '"text"'])('%s is refused', (body) => {
    expect(() => parseInput(body)).toThrow(expect.objectContaining({ code: 'SerializationException' }))
  })
})

describe('XML', () => {
  test.each([
    ['member', { List: ['a', 'b'] }, '<List><member>a</member><member>b</member></List>'],
    ['item', { tagSet: [{ key: 'k' }] }, '<tagSet><item><key>k</key></item></tagSet>'],
    [
      null,
      { Contents: [{ Key: 'a' }, { Key: 'b' }] },
      '<Contents><Key>a</Key></Contents><Contents><Key>b</Key></Contents>',
    ],
    ['member', { Empty: [], Gone: undefined, No: false, Zero: 0 }, '<Empty/><No>false</No><Zero>0</Zero>'],
    ['member', { At: new Date(0) }, '<At>1970-01-01T00:00:00.000Z</At>'],
  ])('rows named %s: %o', (row, fields, xml) => {
    expect(encodeFields(fields, row)).toBe(xml)
  })

  test('any text comes back as it was', () => {
    const parser = new XMLParser({ parseTagValue: false, trimValues: false, htmlEntities: true })
    const unit = fc.constantFrom(
      '&',
      '<',
      '>',
      '"',
      "'",
      ']]>',
      '\r',
      '\n',
      '\t',
      ' ',
      '&amp;',
      '&#13;',
      'a',
      '\u00e9',
      '\u{1f40b}',
    )
    const legal = fc.string({ unit, maxLength: 12 })
    fc.assert(
      fc.property(legal, (text) => {
        const { root } = parser.parse(element('root', encodeFields({ Text: text }, 'member'))) as {
          root: { Text: string }
        }
        expect(root.Text).toBe(text)
      }),
    )
  })
})

describe('dispatch', () => {
  const cloud = createCloud({ clock: new SimulatedClock(), random: () => 0.5, machines: () => noMachines })

  async function send(service: string | null, body: string, headers: Record<string, string> = {}) {
    const signed = {
      authorization: `AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
    }
    const response = await handle(cloud, {
      method: 'POST',
      path: '/',
      query: '',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        ...(service === null ? {} : signed),
        ...headers,
      },
      body: Buffer.from(body),
    })
    return { ...response, body: Buffer.from(response.body).toString() }
  }

  test.each([
    [
      'autoscaling',
      'Action=Nonsense&Version=2011-01-01',
      'Could not find operation Nonsense for version 2011-01-01',
    ],
    [
      'elasticloadbalancing',
      'Action=DescribeTargetHealth&Version=2012-06-01',
      'Could not find operation DescribeTargetHealth for version 2012-06-01',
    ],
    ['ec2', 'Action=Nonsense&Version=2016-11-15', "The action 'Nonsense' is not valid for this web service."],
  ])('%s does not know %s', async (service, body, message) => {
    const answer = await send(service, body)
    expect(answer.status).toBe(400)
    expect(answer.body).toContain(`<Code>InvalidAction</Code><Message>${message}</Message>`)
  })

  test.each([
    ['2012-06-01', '<LoadBalancerDescriptions/>'],
    ['2015-12-01', '<LoadBalancers/>'],
  ])('an action of both load balancing APIs is that of version %s', async (version, list) => {
    const { body } = await send('elasticloadbalancing', `Action=DescribeLoadBalancers&Version=${version}`)
    expect(body).toContain(`xmlns="http://elasticloadbalancing.amazonaws.com/doc/${version}/"`)
    expect(body).toContain(`<DescribeLoadBalancersResult>${list}</DescribeLoadBalancersResult>`)
  })

  test('each error has the form of its service', async () => {
    const query = await send('sts', 'Action=No&Version=2011-06-15')
    expect(query.body).toMatch(
      /^<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><Error><Type>Sender<\/Type><Code>.*<\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>$/,
    )
    const ec2 = await send('ec2', 'Action=No&Version=2016-11-15')
    expect(ec2.body).toMatch(
      /<Response><Errors><Error><Code>.*<\/Errors><RequestID>[0-9a-f-]{36}<\/RequestID><\/Response>$/,
    )
    const json = await send('ecr', '{}', { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.No' })
    expect(JSON.parse(json.body)).toMatchObject({ __type: 'UnknownOperationException' })
  })

  test('a request nobody signed is refused', async () => {
    const sts = await send(null, 'Action=GetCallerIdentity&Version=2011-06-15')
    expect([sts.status, sts.body]).toEqual([403, expect.stringContaining('MissingAuthenticationToken')])
    const s3 = await handle(cloud, {
      method: 'GET',
      path: '/b/k',
      query: '',
      headers: {},
      body: new Uint8Array(),
    })
    expect([s3.status, Buffer.from(s3.body).toString()]).toEqual([
      403,
      expect.stringContaining('AccessDenied'),
    ])
  })

  test('request ids are where clients look for them', async () => {
    const { headers, body } = await send('sts', 'Action=GetCallerIdentity&Version=2011-06-15')
    expect(body).toContain(`<RequestId>${headers['x-amzn-requestid']}</RequestId>`)
    expect(headers['date']).toBe(new Date(cloud.clock.now()).toUTCString())
  })
})
