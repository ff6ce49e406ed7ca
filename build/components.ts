import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** A package of somebody else's inside a bundle. */
export type Component = {
  /** As npm writes it, `@scope/name`. */
  name: string
  version: string
  /** SPDX expression, as its manifest has it. */
  licence: string
  /** The text of its licence; null where it brings none. */
  text: string | null
}

/**
 * The packages that are really in a bundle, by name and version.
 * @param root directory the metafile's paths are relative to
 * @throws {Error} where a package names no licence: it must not ship unseen.
 */
export async function componentsOf(metafile: Metafile, root: string): Promise<Component[]> {
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => packageDirectory(path)),
  )
  const directories = [...new Set(bundled)].filter((directory) => directory !== null)
  const components = await Promise.all(directories.map((directory) => readComponent(join(root, directory))))
  const unique = new Map(components.map((component) => [`${component.name}@${component.version}`, component]))
  return [...unique.values()].toSorted((a, b) =>
    `${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1,
  )
}

function packageDirectory(path: string): string | null {
  return /^(?:[\w-]+:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? null
}

async function readComponent(directory: string): Promise<Component> {
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
  }
  const { name, version, license } = manifest
  if (license === undefined) throw new Error(`${name} ${version} names no licence in its package.json.`)
  const file = (await readdir(directory)).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry))
  const text = file === undefined ? null : await readFile(join(directory, file), 'utf8')
  return { name, version, licence: license, text }
}

/** Which works of others a program holds, each licence's text once: most ask to go along with copies. */
export function licencesText(components: readonly Component[]): string {
  const byText = Map.groupBy(components, ({ licence, text }) => text?.trim() ?? `SPDX identifier: ${licence}`)
  const parts = [...byText].map(([text, works]) => {
    const names = works.map(({ name, version, licence }) => `${name} ${version} (${licence})`)
    return `${names.join('\n')}\n\n${text}\n`
  })
  return ['This program contains the following works of others, under their own licences.\n', ...parts].join(
    `\n${'-'.repeat(80)}\n\n`,
  )
}
