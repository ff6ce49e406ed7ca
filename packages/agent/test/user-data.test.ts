import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderUserData, type UserDataOptions } from '../../../bootstrap/render.ts'

const sum = 'a'.repeat(64)
const options: UserDataOptions = {
  store: 's3://bucket/prefix',
  agentVersion: '1.2.3',
  sha256: { x64: sum },
  region: 'us-east-1',
  port: 9_000,
  environment: { AWS_ENDPOINT_URL: 'http://10.0.0.1:4566', GREETING: 'a "b" $c `d` \\e' },
}
type CloudConfig = {
  write_files: { path: string; permissions: string; content: string }[]
  runcmd: string[][]
}

describe('the user-data', () => {
  const text = renderUserData(options)
  const config = parse(text) as CloudConfig
  const content = (path: string) => config.write_files.find((file) => file.path === path)?.content ?? ''

  test('is cloud-config that writes the settings and runs the installer it carries', () => {
    expect(text.startsWith('#cloud-config\n')).toBe(true)
    expect(text).not.toMatch(/\{\{[A-Z]/)
    expect(content('/etc/systemd/system/switchover-agent.socket.d/port.conf')).toContain(
      'ListenStream=9000\n',
    )
    expect(config.runcmd).toEqual([['/usr/local/sbin/switchover-install']])
    expect(execaSync('bash', ['-n'], { input: content('/usr/local/sbin/switchover-install') }).exitCode).toBe(
      0,
    )
  })

  test('carries values a shell reads as they are', () => {
    const directory = mkdtempSync(join(tmpdir(), 'switchover-user-data-'))
    try {
      const file = join(directory, 'env')
      writeFileSync(file, content('/etc/switchover/bootstrap.env') + content('/etc/switchover/agent.env'))
      const shown = execaSync('bash', [
        '-c',
        `. ${file}; echo "$SWITCHOVER_STORE|$SWITCHOVER_AGENT_SHA256_X64|$SWITCHOVER_PORT|$AWS_ENDPOINT_URL|$GREETING"`,
      ])
      expect(shown.stdout).toBe(`s3://bucket/prefix|${sum}|9000|http://10.0.0.1:4566|a "b" $c \`d\` \\e`)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test.each<[string, Partial<UserDataOptions>, RegExp]>([
    ['a store that is none', { store: 'bucket' }, /s3:\/\/BUCKET/],
    ['a version with a slash', { agentVersion: '../x' }, /not a version/],
    ['no checksum', { sha256: {} }, /at least one/],
    ['a short checksum', { sha256: { x64: 'abc' } }, /not a SHA-256/],
    ['a value that leaves its quotes', { environment: { A: "x'; reboot; '" } }, /holds a quote/],
    ['a name that is none', { environment: { 'A B': 'x' } }, /not the name/],
    ['more than EC2 takes', { environment: { A: 'x'.repeat(20_000) } }, /larger than/],
  ])('refuses %s', (_, over, message) => {
    expect(() => renderUserData({ ...options, ...over })).toThrow(message)
  })
})
