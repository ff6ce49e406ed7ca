import { expect, test } from 'vitest'
import { redact } from './redact.ts'

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
