import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readComposeFile } from '@switchover/contract/compose'
import { parseStoreUrl } from '@switchover/contract/store'
import { tagKey } from '@switchover/contract/tags'
import { renderPolicy, roles, type PolicyOptions } from '../../bootstrap/policies.ts'
import { renderStack } from '../../bootstrap/render-stack.ts'
import { renderUserData } from '../../bootstrap/render.ts'
import { evaluate, readTemplate, templateFile, type Resource } from '../support/cloudformation.ts'

const x64 = '1'.repeat(64)
const arm64 = '2'.repeat(64)
const given = {
  Service: 'web',
  Bucket: 'releases',
  Prefix: 'switchover',
  AgentVersion: '1.2.3',
  AgentSha256X64: x64,
  ImageId: 'ami-0123456789abcdef0',
  Repository: 'web',
  VpcId: 'vpc-1',
  Subnets: 'subnet-a,subnet-b',
  LoadBalancerSubnets: 'subnet-c,subnet-d',
}
const template = readTemplate()
const evaluated = (over: Record<string, string> = {}) => evaluate(template, { ...given, ...over })
const properties = (resources: Record<string, Resource>, name: string) => resources[name]?.Properties ?? {}

/** A policy in `bootstrap/iam/` with its words replaced, but for PREFIX. */
const shipped = (role: string) =>
  readFileSync(new URL(`../../bootstrap/iam/${role}.json`, import.meta.url), 'utf8')
    .replaceAll('REGION', 'us-east-1')
    .replaceAll('ACCOUNT', '123456789012')
    .replaceAll('SERVICE', 'web')
    .replaceAll('BUCKET', 'releases')
    .replaceAll('REPOSITORY', 'web')

test('the template in the repository is what "npm run render:stack" makes', () => {
  expect(readFileSync(templateFile, 'utf8')).toBe(renderStack())
})

describe('the pair of groups', () => {
  const resources = evaluated({ MaxSize: '70' })
  const { Blue: blue, Green: green } = resources

  test('is the same but for its names', () => {
    const named = (colour: string) =>
      JSON.parse(JSON.stringify(blue).replaceAll('web-blue', `web-${colour}`)) as Resource
    expect(blue?.Properties['AutoScalingGroupName']).toBe('web-blue')
    expect(green).toEqual(named('green'))
  })

  test('has nothing in the template that deployments change, but a MinSize of 0', () => {
    expect(blue?.Properties).toMatchObject({ MinSize: '0', MaxSize: '70', HealthCheckType: 'ELB' })
    expect(Object.keys(blue ?? {}).toSorted()).toEqual(['DependsOn', 'Properties', 'Type'])
    expect(blue?.Properties).not.toHaveProperty('DesiredCapacity')
    expect(JSON.stringify(template)).not.toContain('UpdatePolicy')
    expect(blue?.Properties['Tags']).toEqual([
      { Key: tagKey.service, Value: 'web', PropagateAtLaunch: true },
      { Key: tagKey.store, Value: 's3://releases/switchover', PropagateAtLaunch: false },
      { Key: 'Name', Value: 'web-blue', PropagateAtLaunch: true },
    ])
    const types = Object.values(template.Resources).map(({ Type }) => Type)
    expect(types.filter((type) => type.startsWith('AWS::AutoScaling::'))).toEqual([
      'AWS::AutoScaling::AutoScalingGroup',
      'AWS::AutoScaling::AutoScalingGroup',
    ])
  })

  test('waits for its agents at launch and at the end, five minutes at most without a heartbeat', () => {
    const hooks = blue?.Properties['LifecycleHookSpecificationList'] as {
      LifecycleTransition: string
      HeartbeatTimeout: number
      DefaultResult: string
    }[]
    expect(hooks.map((hook) => [hook.LifecycleTransition, hook.DefaultResult])).toEqual([
      ['autoscaling:EC2_INSTANCE_LAUNCHING', 'ABANDON'],
      ['autoscaling:EC2_INSTANCE_TERMINATING', 'CONTINUE'],
    ])
    for (const { HeartbeatTimeout } of hooks) {
      expect(HeartbeatTimeout).toBeGreaterThanOrEqual(30)
      expect(HeartbeatTimeout).toBeLessThanOrEqual(300)
    }
  })

  test('is checked at the agent, often, and drains in seconds', () => {
    expect(properties(evaluated({ AgentPort: '9000' }), 'TargetGroup')).toMatchObject({
      Port: '8080',
      HealthCheckPort: '9000',
      HealthCheckPath: '/readyz',
      HealthCheckIntervalSeconds: 5,
      TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '20' }],
    })
  })
})

test('the example service has the ports and checks the template gives it', () => {
  const text = readFileSync(new URL('../../bootstrap/example/web/compose.yaml', import.meta.url), 'utf8')
  const read = readComposeFile(parse(text))
  if (!read.ok) throw new Error(read.problem)
  const { port, checks, health } = read.file.settings
  expect(properties(evaluated(), 'TargetGroup')).toMatchObject({
    Port: new URL(health?.url ?? '').port,
    HealthCheckPort: String(port),
    HealthCheckIntervalSeconds: checks.interval / 1_000,
    UnhealthyThresholdCount: checks.threshold,
  })
})

describe('the launch template', () => {
  type Data = { LaunchTemplateData: { UserData: string; MetadataOptions: object } }
  const data = (over: Record<string, string>) =>
    (properties(evaluated(over), 'LaunchTemplate') as Data).LaunchTemplateData

  test('demands IMDSv2, keeps containers from it, and shows tags', () => {
    expect(data({}).MetadataOptions).toEqual({
      HttpEndpoint: 'enabled',
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
      InstanceMetadataTags: 'enabled',
    })
  })

  test.each<[string, Record<string, string>, Partial<Parameters<typeof renderUserData>[0]>]>([
    ['x64', {}, {}],
    ['arm64', { AgentSha256X64: '', AgentSha256Arm64: arm64 }, { sha256: { arm64 } }],
    [
      'both, on another port',
      { AgentSha256Arm64: arm64, AgentPort: '9000' },
      { sha256: { x64, arm64 }, port: 9000 },
    ],
    ['a store without a prefix', { Prefix: '' }, { store: 's3://releases/' }],
  ])('carries the user-data "npm run render:user-data" prints: %s', (_, over, options) => {
    const wanted = renderUserData({
      store: 's3://releases/switchover',
      agentVersion: '1.2.3',
      sha256: { x64 },
      ...options,
    })
    expect(Buffer.from(data(over).UserData, 'base64').toString()).toBe(wanted)
  })

  test('carries user-data EC2 takes, however long the parameters are', () => {
    const { UserData } = data({
      Bucket: 'b'.repeat(63),
      Prefix: 'p'.repeat(512),
      AgentVersion: 'v'.repeat(64),
      AgentSha256Arm64: arm64,
    })
    expect(Buffer.from(UserData, 'base64').length).toBeLessThan(16 * 1024)
  })

  test('is not made without an agent', () => {
    expect(() => evaluated({ AgentSha256X64: '' })).toThrow('AgentIsPinned')
  })
})

describe('the roles', () => {
  const options: PolicyOptions = {
    store: 's3://releases/switchover',
    service: 'web',
    region: 'us-east-1',
    account: '123456789012',
    repository: 'web',
  }
  type Role = { Policies: { PolicyDocument: object }[] }
  const policyIn = (resources: Record<string, Resource>, role: (typeof roles)[number]) => {
    const name = role === 'instance-role' ? 'InstanceRole' : 'CoordinatorRole'
    const { Policies } = properties(resources, name) as Role
    expect(Policies).toHaveLength(1)
    return Policies[0]?.PolicyDocument
  }
  test.each(roles)('the %s has the statements of its file, in the template and rendered', (role) => {
    const wanted = JSON.parse(shipped(role).replaceAll('PREFIX', 'switchover')) as object
    expect(policyIn(evaluated(), role)).toEqual(wanted)
    expect(renderPolicy(role, options)).toEqual(wanted)
  })

  test.each(roles)('the %s of a store without a prefix names keys that begin with the service', (role) => {
    const wanted = JSON.parse(shipped(role).replaceAll('PREFIX/', '')) as object
    expect(policyIn(evaluated({ Prefix: '' }), role)).toEqual(wanted)
    expect(renderPolicy(role, { ...options, store: 's3://releases' })).toEqual(wanted)
    expect(JSON.stringify(wanted)).not.toContain('releases//')
  })

  test('an instance writes its own report and nothing else', () => {
    type Statement = { Effect: string; Action: string | string[]; Resource: string | string[] }
    const { Statement } = policyIn(evaluated(), 'instance-role') as { Statement: Statement[] }
    const writes = Statement.filter(
      ({ Effect, Action }) =>
        Effect === 'Allow' && [Action].flat().some((name) => !/^s3:Get|^(?!s3:)/.test(name)),
    )
    expect(writes.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      ['s3:PutObject', 'arn:aws:s3:::releases/switchover/web/reports/${aws:userid}.json'],
    ])
  })

  test('are printed for other tools, and what is missing is said', () => {
    const script = fileURLToPath(new URL('../../bootstrap/policies.ts', import.meta.url))
    const print = (...args: string[]) => execaSync(process.execPath, [script, ...args], { reject: false })
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    const printed = print('instance-role', ...words)
    expect(JSON.parse(printed.stdout)).toEqual(renderPolicy('instance-role', options))
    expect(print('instance-role', ...words.slice(2))).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining('--store s3://BUCKET') as string,
    })
    expect(print('instance-role', ...words, '--account', 'mine')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: '"mine" is not the number of an account, 12 digits.',
    })
  })

  test.each<[string, Partial<PolicyOptions>, RegExp]>([
    ['a store that opens other keys', { store: 's3://releases/*' }, /s3:\/\/BUCKET/],
    ['a service that opens other keys', { service: '*' }, /not the name of a service/],
    ['an account that is none', { account: '*' }, /12 digits/],
    ['a Region that is none', { region: '*' }, /not a Region/],
    ['a repository with a colon', { repository: 'web:live' }, /ECR repository/],
  ])('refuses to render a policy for %s', (_, over, message) => {
    expect(() => renderPolicy('instance-role', { ...options, ...over })).toThrow(message)
  })
})

describe('the store', () => {
  type Policy = { PolicyDocument: { Statement: { Sid: string; Condition: object; Resource: unknown }[] } }
  const allowed = (over: Record<string, string>) =>
    (properties(evaluated(over), 'StorePolicy') as Policy).PolicyDocument.Statement.filter(
      ({ Sid }) => Sid !== 'EncryptedTransportOnly',
    )

  test('is closed, encrypted without KMS, keeps versions, and outlives the stack', () => {
    const { Store: store, StorePolicy: policy } = evaluated()
    for (const kept of [store, policy])
      expect(kept).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })
    expect(store?.Properties).toMatchObject({
      BucketName: 'releases',
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      VersioningConfiguration: { Status: 'Enabled' },
    })
  })

  test.each([
    ['made here', { RouteTables: 'rtb-1,rtb-2' }, '<S3Endpoint>'],
    ['of the VPC', { S3EndpointId: 'vpce-0a1b' }, 'vpce-0a1b'],
  ])('gives agents, and agents alone, to unsigned requests through the endpoint %s', (_, over, endpoint) => {
    expect(allowed(over)).toEqual([
      {
        Sid: 'AgentsThroughTheEndpoint',
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: '<Store.Arn>/switchover/agent/*',
        Condition: { StringEquals: { 'aws:SourceVpce': endpoint } },
      },
    ])
    expect(allowed({ ...over, Prefix: '' })).toMatchObject([{ Resource: '<Store.Arn>/agent/*' }])
  })

  test('gives nothing to unsigned requests where there is no endpoint', () => {
    expect(allowed({})).toEqual([])
    expect(evaluated()).not.toHaveProperty('S3Endpoint')
  })

  test('is left alone where the bucket was there before', () => {
    const resources = evaluated({ CreateBucket: 'no', RouteTables: 'rtb-1' })
    expect(resources).not.toHaveProperty('Store')
    expect(resources).not.toHaveProperty('StorePolicy')
    expect(resources).toHaveProperty('S3Endpoint')
  })

  test.each(['', 'switchover', 'teams/a.b', '/switchover', 'switchover/', 'a*', "a'b", 'a//b'])(
    'takes the prefix "%s" only as it is written in keys',
    (prefix) => {
      const pattern = new RegExp(template.Parameters['Prefix']?.AllowedPattern ?? '')
      const good = ['', 'switchover', 'teams/a.b'].includes(prefix)
      expect(pattern.test(prefix)).toBe(good)
      if (good) expect(parseStoreUrl(`s3://releases/${prefix}`)?.prefix).toBe(prefix)
    },
  )
})

// It takes two seconds on a machine with nothing else to do.
test('cfn-lint has nothing to say about the template', (context) => {
  const run = execaSync('cfn-lint', [fileURLToPath(templateFile)], { reject: false })
  if (run.code === 'ENOENT') {
    process.stdout.write(
      'Left out: cfn-lint is not installed, and has not looked at the CloudFormation template.\n',
    )
    context.skip('cfn-lint is not installed')
  }
  expect(run.stdout + run.stderr).toBe('')
  expect(run.exitCode).toBe(0)
})
