import { expect, test } from 'vitest'
import { parseEcrHost } from './registry.ts'

test.each([
  [
    '123456789012.dkr.ecr.ap-northeast-2.amazonaws.com',
    { account: '123456789012', region: 'ap-northeast-2' },
  ],
  ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', { account: '123456789012', region: 'cn-north-1' }],
  [
    '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com',
    { account: '123456789012', region: 'us-gov-west-1' },
  ],
  ['123456789012.dkr-ecr.eu-west-1.on.aws', { account: '123456789012', region: 'eu-west-1' }],
  ['123456789012.dkr-ecr-fips.us-east-1.on.aws', { account: '123456789012', region: 'us-east-1' }],
  ['public.ecr.aws', null],
  ['123456789012.dkr.ecr.us-east-1.on.aws', null],
  ['123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example', null],
])('%s is read as ECR says', (host, expected) => {
  expect(parseEcrHost(host)).toEqual(expected)
})
