import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import type { Plan } from '../decide/observation.ts'
import { dockerCompose, type Compose } from './compose.ts'

/** Answers for its version; anything else is done by a child that holds the output open for long. */
const docker = `#!/bin/sh
[ "$*" = 'compose version --short' ] && { echo 2.40.0; exit; }
echo "$*"
case "$*" in *' worker') exit ;; esac
sleep 600 &
wait
`
const settings = {
  port: 8_090,
  drain: 30_000,
  checks: { interval: 30_000, threshold: 2 },
  parked: { stop: [] },
}

const planOf = (directory: string): Plan => {
  const composeFile = join(directory, 'compose.yaml')
  return { directory, composeFile, settings, pinned: [], sidecars: [], services: [] }
}

describe('compose', () => {
  let directory: string
  let compose: Compose
  let begun: Promise<void>
  const said: string[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchover-compose-'))
    await writeFile(join(directory, 'docker'), docker)
    await chmod(join(directory, 'docker'), 0o755)
    begun = new Promise((resolve) => {
      const log = {
        info: (text: string) => {
          said.push(text)
          if (text.includes(' up ')) resolve()
        },
        warn: () => undefined,
        error: () => undefined,
      }
      compose = dockerCompose({ env: { PATH: `${directory}:/usr/bin:/bin` }, log, clock: systemClock })
    })
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  test('starts a service that is named and none that it depends on', async () => {
    await compose.up('web', planOf(directory), ['worker'], new AbortController().signal)
    expect(said.at(-1)).toMatch(/ up -d --pull never --no-build --remove-orphans --no-deps worker$/)
  })

  test('that is called off ends with all it started', async () => {
    const off = new AbortController()
    const up = compose.up('web', planOf(directory), [], off.signal)
    const ended = expect(up).rejects.toThrow(
      /^docker compose up was ended: compose -p web .* --remove-orphans$/,
    )
    await begun
    off.abort()
    await ended
  })
})
