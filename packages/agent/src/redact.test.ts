import { expect, test } from 'vitest'
import { redact, redactLines } from './redact.ts'

test.each([
  ['DB_PASSWORD=hunter2 started', 'DB_PASSWORD=[redacted] started'],
  ['{"api_key": "abc def", "port": 1}', '{"api_key": [redacted], "port": 1}'],
  ['using AKIAIOSFODNN7EXAMPLE now', 'using [redacted] now'],
  ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key = [redacted]'],
  ['GET /x Authorization: Bearer abcdefgh.ijkl', 'GET /x Authorization: Bearer [redacted]'],
  ['connect postgres://app:s3cret@db:5432/app', 'connect postgres://app:[redacted]@db:5432/app'],
  ['-----BEGIN RSA PRIVATE KEY-----MIIE', '[redacted]'],
])('%s', (line, expected) => {
  expect(redact(line)).toBe(expected)
})

test.each(['listening on 8080', 'GET /health 200 in 3 ms', 'see https://example.com:443/path'])(
  'leaves "%s" as it is',
  (line) => {
    expect(redact(line)).toBe(line)
  },
)

test('a line without end costs no more than its beginning', () => {
  expect(redact('a'.repeat(1_000_000))).toHaveLength(4_000)
  expect(redact(`${'x'.repeat(3_980)} password=hunter2-hunter2-hunter2`)).not.toContain('hunter')
})

test('a key is left out to its end, or to the end of the log', () => {
  const key = ['-----BEGIN PRIVATE KEY-----', 'MIIEvQ', 'IBADAN', '-----END PRIVATE KEY-----']
  expect(redactLines(['before', ...key, 'after'])).toEqual(['before', '[redacted]', 'after'])
  expect(redactLines(['before', ...key.slice(0, 2)])).toEqual(['before', '[redacted]'])
})
