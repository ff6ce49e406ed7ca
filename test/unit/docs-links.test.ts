import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { documents, read, root } from '../support/documents.ts'

/** Every link and every path in what people read leads somewhere. */

const fence = /^```\w*\n([\s\S]*?)^```$/gm

const slug = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\d _-]/gu, '')
    .replaceAll(' ', '-')

const anchors = (path: string) =>
  [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slug(heading))

test.each(documents)('%s: links lead somewhere', (path) => {
  const text = read(path).replaceAll(fence, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, a, b]) => a ?? b ?? '')
  for (const link of links.filter((one) => !/^https?:/.test(one))) {
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : join(dirname(path), file)
    expect(existsSync(join(root, target)), `${link} of ${path}`).toBe(true)
    if (anchor !== undefined) expect(anchors(target), `${link} of ${path}`).toContain(anchor)
  }
})

const files = globSync('{packages,test,build,bootstrap,docs,systemd}/**/*.{ts,sh,json,yaml}', {
  cwd: root,
  exclude: ['**/node_modules/**'],
})

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s: names files that are there', (path) => {
  const named = [...read(path).matchAll(/(?<![\w*/.-])[\w./-]+\.(?:ts|sh)\b/g)].map(([name]) => name)
  expect(named.length).toBeGreaterThan(10)
  for (const name of named)
    expect(
      files.some((file) => `/${file}`.endsWith(`/${name}`)),
      name,
    ).toBe(true)
})

/** From the root of the repository, in a line to be typed or by itself. */
const path = /(?<![\w/.-])(?:bootstrap|build|docs|packages|systemd|test)\/[\w./-]*\w/g

test.each(documents)('%s: paths between backticks and in blocks are there', (document) => {
  const shown = [...read(document).matchAll(/^```\w*\n([\s\S]*?)^```$|`([^`]+)`/gm)]
  const paths = shown.flatMap(([, block, inline = '']) => (block ?? inline).match(path) ?? [])
  for (const name of paths) expect(existsSync(join(root, name)), name).toBe(true)
})

test('the README leads to every document', () => {
  const readme = read('README.md')
  for (const path of documents.filter((path) => path !== 'README.md')) expect(readme).toContain(`](${path})`)
})
