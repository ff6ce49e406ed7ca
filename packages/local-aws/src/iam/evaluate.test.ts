import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contextOf } from './context.ts'
import { evaluate, type Permission, type Verdict } from './evaluate.ts'
import { readPolicy } from './policy.ts'

type Written = Record<string, unknown>

function policy(...statements: Written[]) {
  const complete = statements.map((statement) => ({
    Effect: 'Allow',
    ...('NotAction' in statement ? {} : { Action: '*' }),
    ...('NotResource' in statement ? {} : { Resource: '*' }),
    ...statement,
  }))
  return readPolicy({ Version: '2012-10-17', Statement: complete }, 'test')
}

function asked(
  permission: Partial<Omit<Permission, 'context'>> = {},
  context: Record<string, string | string[]> = {},
): Permission {
  return { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', ...permission, context: contextOf(context) }
}

const keys = (...values: string[]) => ({ 'aws:TagKeys': values })

const user = { 'aws:userid': 'AROAX:i-1' }

test('without any statement nothing is allowed', () => {
  expect(evaluate([], asked())).toBe('not-allowed')
})

describe('statements', () => {
  test.each<[string, Written[], Verdict]>([
    ['nothing said', [{ Action: 's3:PutObject' }], 'not-allowed'],
    ['allowed', [{ Action: 's3:GetObject' }], 'allowed'],
    ['one of several', [{ Action: ['s3:PutObject', 's3:GetObject'] }], 'allowed'],
    ['regardless of case', [{ Action: 'S3:getobject' }], 'allowed'],
    ['wildcards', [{ Action: 's3:Get*' }], 'allowed'],
    ['one character', [{ Action: 's3:?etObject' }], 'allowed'],
    ['not a prefix', [{ Action: 's3:Get' }], 'not-allowed'],
    ['everything else', [{ NotAction: 's3:Put*' }], 'allowed'],
    ['everything but this', [{ NotAction: 's3:Get*' }], 'not-allowed'],
    ['denied though allowed', [{ Action: 's3:*' }, { Effect: 'Deny', Action: 's3:GetObject' }], 'denied'],
    ['denied in another order', [{ Effect: 'Deny' }, {}], 'denied'],
    ['denied elsewhere', [{}, { Effect: 'Deny', Resource: 'arn:aws:s3:::other/*' }], 'allowed'],
    ['this key', [{ Resource: 'arn:aws:s3:::b/k' }], 'allowed'],
    ['another case of the key', [{ Resource: 'arn:aws:s3:::b/K' }], 'not-allowed'],
    ['another key', [{ Resource: 'arn:aws:s3:::b/k2' }], 'not-allowed'],
    ['the bucket itself', [{ Resource: 'arn:aws:s3:::b' }], 'not-allowed'],
    ['all keys', [{ Resource: 'arn:aws:s3:::b/*' }], 'allowed'],
    ['every bucket', [{ Resource: 'arn:aws:s3:::*' }], 'allowed'],
    ['the dot is no wildcard', [{ Resource: 'arn:aws:s3:::b.k' }], 'not-allowed'],
    ['all resources but one', [{ NotResource: 'arn:aws:s3:::b/k' }], 'not-allowed'],
    ['all resources but another', [{ NotResource: 'arn:aws:s3:::b/x' }], 'allowed'],
  ])('%s', (_, statements, verdict) => {
    expect(evaluate([policy(...statements)], asked())).toBe(verdict)
  })

  test('an action without resources is only named by *', () => {
    const look = asked({ action: 'autoscaling:DescribeAutoScalingGroups', resource: '*' })
    expect(evaluate([policy({})], look)).toBe('allowed')
    expect(evaluate([policy({ Resource: 'arn:aws:autoscaling:*:*:*' })], look)).toBe('not-allowed')
  })

  test.each([
    ['arn:aws:autoscaling:*:1:autoScalingGroup:*:autoScalingGroupName/web-*', true],
    ['arn:aws:autoscaling:eu:1:autoScalingGroup:*:autoScalingGroupName/*', true],
    ['arn:aws:autoscaling:us:1:autoScalingGroup:*:autoScalingGroupName/*', false],
    ['arn:aws:autoscaling:e*u:1:*', true],
    ['arn:aws:autoscaling:e?:1:*', true],
    ['arn:aws:autoscaling:eu?1:*', false],
    ['arn:aws:a*g:1:*', false],
    ['arn:aws:autoscaling:*:1:*web-blue', true],
    ['arn:aws:auto*', true],
  ])('%s names a group: %s', (resource, named) => {
    const group = 'arn:aws:autoscaling:eu:1:autoScalingGroup:6f2c:autoScalingGroupName/web-blue'
    expect(evaluate([policy({ Resource: resource })], asked({ resource: group }))).toBe(
      named ? 'allowed' : 'not-allowed',
    )
  })

  test.each([
    ['its own', 'arn:aws:s3:::b/${aws:userid}.json', 'arn:aws:s3:::b/AROAX:i-1.json', user, true],
    ["another's", 'arn:aws:s3:::b/${aws:userid}.json', 'arn:aws:s3:::b/AROAX:i-2.json', user, false],
    ['in any case', 'arn:aws:s3:::b/${AWS:UserId}.json', 'arn:aws:s3:::b/AROAX:i-1.json', user, true],
    ['without a value', 'arn:aws:s3:::b/${ec2:SourceInstanceARN}', 'arn:aws:s3:::b/', user, false],
    ['with a default', "arn:aws:s3:::b/${ec2:SourceInstanceARN, 'x'}", 'arn:aws:s3:::b/x', user, true],
    [
      'a value is no pattern',
      'arn:aws:s3:::b/${aws:userid}',
      'arn:aws:s3:::b/k',
      { 'aws:userid': '*' },
      false,
    ],
    ['an escaped star', 'arn:aws:s3:::b/${*}', 'arn:aws:s3:::b/k', user, false],
    ['an escaped star itself', 'arn:aws:s3:::b/${*}', 'arn:aws:s3:::b/*', user, true],
  ])('variables: %s', (_, pattern, resource, context, named) => {
    expect(evaluate([policy({ Resource: pattern })], asked({ resource }, context))).toBe(
      named ? 'allowed' : 'not-allowed',
    )
  })
})

describe('conditions', () => {
  const tag = 'aws:ResourceTag/switchover:service'
  const web = { [tag]: 'web' }
  test.each<[string, Written, Record<string, string | string[]>, boolean]>([
    ['equal', { StringEquals: { [tag]: 'web' } }, web, true],
    ['key in any case', { StringEquals: { 'AWS:resourcetag/Switchover:Service': 'web' } }, web, true],
    ['not equal', { StringEquals: { [tag]: 'shop' } }, web, false],
    ['case counts', { StringEquals: { [tag]: 'WEB' } }, web, false],
    ['no wildcards in StringEquals', { StringEquals: { [tag]: 'w*' } }, web, false],
    ['missing', { StringEquals: { [tag]: 'web' } }, {}, false],
    ['one of several', { StringEquals: { [tag]: ['shop', 'web'] } }, web, true],
    ['all lines', { StringEquals: { [tag]: 'web', 'aws:userid': 'x' } }, web, false],
    ['all operators', { StringEquals: { [tag]: 'web' }, Null: { 'aws:userid': 'false' } }, web, false],
    ['ignoring case', { StringEqualsIgnoreCase: { [tag]: 'WEB' } }, web, true],
    ['unequal', { StringNotEquals: { [tag]: 'shop' } }, web, true],
    ['unequal to any', { StringNotEquals: { [tag]: ['shop', 'web'] } }, web, false],
    ['unequal as missing', { StringNotEquals: { [tag]: 'web' } }, {}, true],
    ['unequal ignoring case', { StringNotEqualsIgnoreCase: { [tag]: 'WEB' } }, web, false],
    ['like', { StringLike: { [tag]: 'w?b*' } }, web, true],
    ['like across colons', { StringLike: { 'aws:userid': 'AROA*1' } }, user, true],
    ['not like', { StringNotLike: { [tag]: 'w*' } }, web, false],
    ['if it is there', { StringEqualsIfExists: { [tag]: 'web' } }, {}, true],
    ['if it is there, and is another', { StringEqualsIfExists: { [tag]: 'web' } }, { [tag]: 'shop' }, false],
    [
      'a variable',
      { StringEquals: { 's3:prefix': '${aws:userid}' } },
      { ...user, 's3:prefix': 'AROAX:i-1' },
      true,
    ],
    [
      'ARN by parts',
      { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x-*' } },
      { 'aws:PrincipalArn': 'arn:aws:iam::1:role/x-y' },
      true,
    ],
    [
      'ARN over parts',
      { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam:*:role/x' } },
      { 'aws:PrincipalArn': 'arn:aws:iam::1:role/x' },
      false,
    ],
    [
      'another ARN',
      { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' } },
      { 'aws:PrincipalArn': 'arn:aws:iam::1:role/y' },
      true,
    ],
    ['a truth', { Bool: { 'aws:ViaAWSService': false } }, { 'aws:ViaAWSService': 'false' }, true],
    ['a falsehood', { Bool: { 'aws:ViaAWSService': 'true' } }, { 'aws:ViaAWSService': 'false' }, false],
    ['absent', { Null: { [tag]: 'true' } }, {}, true],
    ['present', { Null: { [tag]: false } }, web, true],
    ['not absent', { Null: { [tag]: 'true' } }, web, false],
    ['all values', { 'ForAllValues:StringLike': { 'aws:TagKeys': ['a', 'b:*'] } }, keys('a', 'b:c'), true],
    ['not all values', { 'ForAllValues:StringLike': { 'aws:TagKeys': ['a', 'b:*'] } }, keys('a', 'c'), false],
    ['all of none', { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, {}, true],
    ['any value', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }, keys('b', 'a'), true],
    ['none of the values', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }, keys('b'), false],
    ['any of none', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }, {}, false],
    ['all others', { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'a' } }, keys('b', 'c'), true],
    ['not all others', { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'a' } }, keys('a', 'c'), false],
    ['any other', { 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'a' } }, keys('a', 'c'), true],
  ])('%s', (_, Condition, context, holds) => {
    expect(evaluate([policy({ Condition })], asked({}, context))).toBe(holds ? 'allowed' : 'not-allowed')
  })
})

describe('what cannot be evaluated is refused when it is read', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'an operator',
      { Condition: { DateLessThan: { 'aws:userid': 'x' } } },
      /statement 1: the condition operator DateLessThan/,
    ],
    [
      'a misspelt operator',
      { Condition: { StringEqual: { 'aws:userid': 'x' } } },
      /StringEqual is not evaluated/,
    ],
    [
      'a set of nothing',
      { Condition: { 'ForAllValues:Null': { 'aws:userid': 'true' } } },
      /ForAllValues:Null/,
    ],
    [
      'a key',
      { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } },
      /condition key aws:SourceVpce/,
    ],
    [
      'a tag without a name',
      { Condition: { StringEquals: { 'aws:ResourceTag/': 'x' } } },
      /aws:ResourceTag\//,
    ],
    [
      'several values',
      { Condition: { StringEquals: { 'aws:TagKeys': 'x' } } },
      /aws:TagKeys has several values/,
    ],
    ['a variable', { Resource: 'arn:aws:s3:::b/${aws:SourceIp}' }, /the variable \$\{aws:SourceIp\}/],
    ['an action', { Action: 'GetObject' }, /"GetObject" is not an action/],
    ['a resource', { Resource: 'b/k' }, /"b\/k" is neither an ARN nor \*/],
    ['both kinds of action', { NotAction: 's3:*', Action: 's3:*' }, /exclude each other/],
    ['an element', { Principal: '*' }, /Unrecognized key: "Principal"/],
  ])('%s', (_, statement, message) => {
    const document = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...(statement as object) },
    }
    expect(() => readPolicy(document, 'p.json')).toThrow(message)
  })

  test('a version without variables', () => {
    const document = { Version: '2008-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }
    expect(() => readPolicy(document, 'p.json')).toThrow(/^The policy p\.json is not valid: Version/)
  })
})

describe('rules', () => {
  const actions = ['s3:GetObject', 's3:PutObject', 'ec2:TerminateInstances']
  const resources = ['arn:aws:s3:::b/k', 'arn:aws:s3:::b/AROAX:i-1', 'arn:aws:ec2:eu:1:instance/i-1']
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.constantFrom(...actions, '*', 's3:*', 's3:*Object'),
    Resource: fc.constantFrom(...resources, '*', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b/${aws:userid}'),
    Condition: fc.constantFrom(
      {},
      { StringEquals: { 'aws:ResourceTag/a': '1' } },
      { StringNotEqualsIfExists: { 'aws:ResourceTag/a': '1' } },
      { 'ForAllValues:StringLike': { 'aws:TagKeys': 'a*' } },
    ),
  })
  const statements = fc.array(statement, { minLength: 1, maxLength: 6 })
  const permission = fc
    .record({
      action: fc.constantFrom(...actions),
      resource: fc.constantFrom(...resources),
      context: fc.record(
        { 'aws:ResourceTag/a': fc.constantFrom('1', '2'), 'aws:TagKeys': fc.subarray(['a', 'ab', 'b']) },
        { requiredKeys: [] },
      ),
    })
    .map(({ context, ...rest }) => asked(rest, { ...user, ...context }))
  const deny = statement.map((one) => ({ ...one, Effect: 'Deny' }))
  const allow = statement.map((one) => ({ ...one, Effect: 'Allow' }))

  test('a Deny that applies wins over everything', () => {
    fc.assert(
      fc.property(statements, permission, (written, wanted) => {
        const all = policy(...written, { Effect: 'Deny', Action: wanted.action, Resource: wanted.resource })
        expect(evaluate([all], wanted)).toBe('denied')
      }),
    )
  })

  test('one more Allow takes nothing away, one more Deny gives nothing', () => {
    fc.assert(
      fc.property(statements, allow, deny, permission, (written, more, less, wanted) => {
        const before = evaluate([policy(...written)], wanted)
        const after = evaluate([policy(...written, more)], wanted)
        if (before !== 'not-allowed') expect(after).toBe(before)
        if (before !== 'allowed') expect(evaluate([policy(...written, less)], wanted)).not.toBe('allowed')
      }),
    )
  })

  test('neither order nor division into policies matters', () => {
    fc.assert(
      fc.property(statements, permission, fc.nat(), (written, wanted, cut) => {
        const turned = written.toReversed()
        const [first, second] = [turned.slice(0, cut % turned.length), turned.slice(cut % turned.length)]
        const parts = [first, second].filter((part) => part.length > 0).map((part) => policy(...part))
        expect(evaluate(parts, wanted)).toBe(evaluate([policy(...written)], wanted))
      }),
    )
  })
})
