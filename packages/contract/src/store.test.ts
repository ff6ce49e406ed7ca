import { expect, test } from 'vitest'
import { agentKeys, instanceOfReportKey, parseStoreUrl, storeKeys } from './store.ts'

test.each([
  ['s3://bucket', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
  ['s3://my.bucket/a/b/', { bucket: 'my.bucket', prefix: 'a/b' }],
  ['https://bucket', null],
  ['s3://B', null],
  ['s3://bucket/a b', null],
])('%s', (url, location) => {
  expect(parseStoreUrl(url)).toEqual(location)
})

test('keys under a prefix, and under none', () => {
  expect(storeKeys('p', 'web')).toMatchObject({
    record: 'p/web/deployment.json',
    reportsPrefix: 'p/web/reports/',
  })
  expect(storeKeys('', 'web').bundle('0123456789ab')).toBe('web/bundles/0123456789ab.tar.gz')
  expect(agentKeys('p', '1.0.0', 'x64')).toEqual({
    tarball: 'p/agent/1.0.0/switchover-agent-linux-x64.tar.gz',
    checksum: 'p/agent/1.0.0/switchover-agent-linux-x64.sha256',
  })
})

test('a report key names its instance, and no other key does', () => {
  const key = storeKeys('p', 'web').report('AROAEXAMPLE:i-0123456789abcdef0')
  expect(instanceOfReportKey(key)).toBe('i-0123456789abcdef0')
  expect(instanceOfReportKey('p/web/reports/i-0123456789abcdef0.json')).toBeNull()
  expect(instanceOfReportKey('p/web/deployment.json')).toBeNull()
})
