import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Talks to nobody by itself. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
]

/** Null where this machine has none. */
export async function openBrowser(): Promise<Browser | null> {
  const executablePath = [process.env['CHROMIUM'], ...usual].find(
    (path) => path !== undefined && existsSync(path),
  )
  return executablePath === undefined ? null : await chromium.launch({ executablePath, args })
}
