import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { check } from './check.ts'

describe('check', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-check-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  async function checked(text: string) {
    const file = join(directory, 'compose.yaml')
    await writeFile(file, text)
    const { exitCode, out, err } = await check(file)
    return { exitCode, out, err: err.replaceAll(file, 'FILE') }
  }

  const image = 'image: "registry.example/web:live"'

  test('says what the agent would run and how it would judge it', async () => {
    await writeFile(join(directory, 'app.env'), 'A=1\n')
    const text = `
x-base: &base { restart: always, env_file: app.env }
services:
  web: { <<: *base, ${image} }
  worker: { <<: *base, image: "registry.example/queue:7", env_file: [{ path: none.env, required: false }, "\${OTHER}.env"] }
x-switchover: { health: { url: "http://127.0.0.1/" }, drain: 1m, parked: { stop: [worker] } }
`
    expect(await checked(text)).toEqual({
      exitCode: 0,
      out: [
        "web: registry.example/web, at the group's version",
        'worker: registry.example/queue:7, as published',
        'health: http://127.0.0.1/, every 2.0s',
        'port: 8090, drain: 1m',
        'stopped while parked: worker',
        '',
      ].join('\n'),
      err: '',
    })
  })

  test.each<[string, string, string | RegExp]>([
    ['bad YAML', 'services:\n  web: [', /^FILE: It is not YAML: .+ at line \d+, column \d+\.\n$/],
    ['a tab', 'services:\n\tweb: {}', /^FILE: It is not YAML: .+ at line \d+, column \d+\.\n$/],
    ['an anchor nobody set', 'services: { web: *base }', /^FILE: It is not YAML: .*base.*\.\n$/],
    [
      'a key twice',
      `services: { web: { ${image} } }\nservices: {}`,
      /^FILE: It is not YAML: .+unique.+\.\n$/,
    ],
    ['an empty file', '', /^FILE: The compose file: .+\.\n$/],
    ['no services', 'version: "3"', /^FILE: The compose file: services: .+\.\n$/],
    [
      'no pinned image',
      'services: { web: { image: "web:1" } }',
      /no pinned image: give the image .+":live"\.\n$/,
    ],
    ['a build', 'services: { web: { build: . } }', /^FILE: Service web has build: .+\.\n$/],
    [
      'a service to stop that there is not',
      `services: { web: { ${image} } }\nx-switchover: { parked: { stop: [wroker] } }`,
      'FILE: x-switchover.parked.stop names wroker, which is no service of the file.\n',
    ],
    [
      'a setting that there is not',
      `services: { web: { ${image} } }\nx-switchover: { drian: 3s }`,
      /^FILE: The compose file: x-switchover: .*drian.*\.\n$/,
    ],
    [
      'a duration that is none',
      `services: { web: { ${image} } }\nx-switchover: { drain: soon }`,
      /^FILE: The compose file: x-switchover\.drain: "soon" is not a duration: .+\.\n$/,
    ],
    [
      'an env_file that is absent',
      `services: { web: { ${image}, env_file: ./prod.env } }`,
      'FILE: Service web reads env_file ./prod.env, which is not there: publish it with the compose file.\n',
    ],
    [
      'one of several that is absent',
      `services: { web: { ${image}, env_file: [{ path: compose.yaml }, b.env] } }`,
      'FILE: Service web reads env_file b.env, which is not there: publish it with the compose file.\n',
    ],
    [
      'an env_file that is none',
      `services: { web: { ${image}, env_file: 3 } }`,
      'FILE: env_file takes a path, or a list of paths.\n',
    ],
  ])('refuses %s in one sentence', async (_, text, expected) => {
    const { exitCode, out, err } = await checked(text)
    expect([exitCode, out, err.trim().split('\n').length]).toEqual([1, '', 1])
    expect(err).toMatch(expected)
  })

  test('says what is no file it can read', async () => {
    expect((await check(join(directory, 'none.yaml'))).err).toMatch(/^There is no file .*none\.yaml\.\n$/)
    expect((await check(directory)).err).toMatch(/ is a directory: name the compose file in it\.\n$/)
  })
})
