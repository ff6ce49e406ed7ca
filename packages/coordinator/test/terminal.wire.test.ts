import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveWebService } from './support/served.ts'

/** Real processes on a pseudo-terminal, which `script` of util-linux makes. */

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

let env: Record<string, string>
let close: () => Promise<void>

beforeAll(async () => {
  const served = await serveWebService()
  close = served.close
  env = { ...served.env, PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', LANG: 'C.UTF-8' }
})
afterAll(async () => {
  await close()
})

/** A command on a terminal of 80 columns. */
function onTerminal(...argv: string[]) {
  const command = ['stty', 'cols', '80', 'rows', '24', '&&', 'exec', process.execPath, main, ...argv].join(
    ' ',
  )
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close') as Promise<[number | null]>
  const output = { text: '' }
  let more = Promise.withResolvers<void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.text += text
    more.resolve()
    more = Promise.withResolvers()
  })
  const plain = () => stripVTControlCharacters(output.text).replaceAll('\r', '')
  return {
    press: (key: string) => child.stdin.write(key),
    /** Anywhere in a line, for the view is drawn in patches. @throws where it ends without having shown it */
    seen: async (what: RegExp) => {
      while (!what.test(plain())) {
        const over = await Promise.race([more.promise.then(() => false), ended.then(() => true)])
        if (over && !what.test(plain())) throw new Error(`${String(what)} was never shown:\n${plain()}`)
      }
    },
    end: async () => {
      const [exitCode] = await ended
      child.stdin.end()
      return { exitCode, text: plain(), raw: output.text }
    },
  }
}

const ctrlC = '\u0003'
const bakes = ['deploy', 'web', 'v2', '--yes', '--readiness', 'load-balancer', '--bake']

test('a deployment is shown live; Ctrl-C and s stop it, and another one is taken back with b', async () => {
  const deploying = onTerminal(...bakes, '2h')
  await deploying.seen(/web {2}deploying v2 .* of about /)
  await deploying.seen(/Waiting for the end of the bake\. Until \d\d:\d\d:\d\d, in \d+m\./)
  deploying.press(ctrlC)
  await deploying.seen(/ {2}b {2}roll back to v1/)
  deploying.press('s')
  const stopped = await deploying.end()
  expect(stopped.exitCode).toBe(130)
  expect(stopped.text).toMatch(/Interrupted;.*\nNext: switchover resume web\n$/)
  // The cursor is there again.
  expect(stopped.raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stopped.raw.lastIndexOf('\u001B[?25l'))

  const resumed = onTerminal('resume', 'web', '--yes')
  await resumed.seen(/Waiting for the end of the bake\./)
  resumed.press(ctrlC)
  await resumed.seen(/Stop\? It goes on/)
  resumed.press('b')
  const back = await resumed.end()
  expect(back.exitCode).toBe(0)
  expect(back.text).toMatch(/web runs v1 on web-blue again; v2 is gone from web-green/)
})

test('Ctrl-C and g goes on to the end', async () => {
  const deploying = onTerminal(...bakes, '3s')
  await deploying.seen(/Waiting for /)
  deploying.press(ctrlC)
  await deploying.seen(/Stop\? It goes on/)
  deploying.press('g')
  const done = await deploying.end()
  expect(done.exitCode).toBe(0)
  expect(done.text).toMatch(/web runs v2 on web-green; the earlier fleet is parked in web-blue/)
})
