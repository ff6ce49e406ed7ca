import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { readOptions } from '../../build/options.ts'
import { openBrowser } from './browser.ts'
import { makePages } from './pages.ts'

/** What axe is asked for: WCAG 2.2 to AA, and what its makers hold good besides. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const schemes = ['light', 'dark'] as const
const widths = [1_280, 390]

/** One page in a browser: what is wrong with it, one line each. */
async function problemsOf(
  browser: Browser,
  file: string,
  how: { scheme: (typeof schemes)[number]; width: number; shot: string | null },
): Promise<string[]> {
  const page = await browser.newPage({ colorScheme: how.scheme, viewport: { width: how.width, height: 900 } })
  try {
    const problems: string[] = []
    const url = pathToFileURL(file).href
    page.on('console', (message) => problems.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:'))
        problems.push(`request: ${request.url()}`)
    })
    await page.goto(url)
    if (how.shot !== null) await page.screenshot({ path: how.shot, fullPage: true })
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    if (wide > 0) problems.push(`wider than the window by ${wide} px`)
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<axe.AxeResults>(
      `axe.run({ runOnly: ${JSON.stringify(tags)} })`,
    )
    return [
      ...problems,
      ...violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes[0]?.html.slice(0, 120) ?? ''})`),
    ]
  } finally {
    await page.close()
  }
}

const usage = `npm run check:pages [-- --screenshots DIR]

Opens the pages that reports are, light and dark, wide and narrow, in a headless Chromium, and ends with 1 where one breaks a
rule of accessibility, writes to the console, asks for anything or is wider than the window. Left out where there is no Chromium.
`

async function main({ screenshots }: { screenshots?: string }): Promise<void> {
  const browser = await openBrowser()
  if (browser === null) {
    console.log(
      'SKIPPED: no page was checked, for no Chromium was found here. Install one (`apt-get install chromium`) or name it in CHROMIUM.',
    )
    return
  }
  const shots = screenshots === undefined ? null : resolve(screenshots)
  if (shots !== null) await mkdir(shots, { recursive: true })
  const directory = await mkdtemp(join(tmpdir(), 'pages-'))
  let failed = 0
  for (const [name, text] of await makePages()) {
    const file = join(directory, `${name}.html`)
    await writeFile(file, text)
    for (const scheme of schemes)
      for (const width of widths) {
        const shot = shots === null ? null : join(shots, `${name}-${scheme}-${width}.png`)
        const problems = await problemsOf(browser, file, { scheme, width, shot })
        failed += problems.length
        console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name}, ${scheme}, ${width} px wide`)
        for (const problem of problems) console.log(`       ${problem}`)
      }
  }
  await browser.close()
  await rm(directory, { recursive: true })
  process.exitCode = failed === 0 ? 0 : 1
}

const options = readOptions(usage, { screenshots: { type: 'string' } })
if (options !== null) await main(options)
