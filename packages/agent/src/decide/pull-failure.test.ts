import { describe, expect, test } from 'vitest'
import { classifyPullFailure } from './pull-failure.ts'

describe('pull failures', () => {
  test.each([
    ['manifest for x@sha256:1 not found: manifest unknown: manifest unknown', 'image-not-found', 1],
    ['manifest unknown: Requested image not found', 'image-not-found', 1],
    ['name unknown: The repository with name web does not exist in the registry', 'image-not-found', 1],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'wrong-architecture', 1],
    [
      'failed to resolve reference "registry.example/web:v1": registry.example/web:v1: not found',
      'image-not-found',
      1,
    ],
    [
      'error pulling image configuration: download failed after attempts=1: unknown blob',
      'image-not-found',
      3,
    ],
    [
      'failed to copy: httpReadSeeker: failed open: content at https://registry.example/v2/web/blobs/sha256:1 not found: not found',
      'image-not-found',
      3,
    ],
    ['no match for platform in manifest sha256:1: not found', 'wrong-architecture', 1],
    ['image operating system "windows" cannot be used on this platform', 'wrong-architecture', 1],
    ['image was found but does not provide the specified platform (linux/arm64)', 'wrong-architecture', 1],
    [
      'Encountered remote "application/vnd.docker.plugin.v1+json"(plugin) when fetching',
      'image-unsupported',
      1,
    ],
    ['Docker Image manifest version 2, schema 1 support has been removed', 'image-unsupported', 1],
    [
      'denied: User: arn:aws:sts::123456789012:assumed-role/web is not authorized to perform: ecr:BatchGetImage',
      'image-denied',
      3,
    ],
    ['unauthorized: incorrect username or password', 'registry-login', null],
    ['received unexpected HTTP status: 429 Too Many Requests', 'registry-throttled', null],
    ['received unexpected HTTP status: 503 Service Unavailable', 'pull-failed', null],
    ['snapshot sha256:1 does not exist: not found', 'pull-failed', null],
    ['filesystem layer verification failed for digest sha256:1', 'pull-failed', null],
    ['failed to register layer: mkdir /x: disk quota exceeded', 'disk-full', null],
    ['pull access denied for web, repository does not exist or may require authorization', 'image-denied', 3],
    ['Head "https://x/v2/web/manifests/1": no basic auth credentials', 'registry-login', null],
    ['denied: Your authorization token has expired. Reauthenticate and try again.', 'registry-login', null],
    ['failed to register layer: write /x: no space left on device', 'disk-full', null],
    ['toomanyrequests: Rate exceeded', 'registry-throttled', null],
    ['dial tcp 10.0.0.1:443: connect: connection refused', 'pull-failed', null],
  ])('%s', (text, code, terminalAfter) => {
    const failure = classifyPullFailure('registry.example/web@sha256:1', text)
    expect([failure.reason.code, failure.terminalAfter]).toEqual([code, terminalAfter])
    expect(failure.reason.sentence).toContain('registry.example/web')
  })
})
