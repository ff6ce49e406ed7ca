/**
 * Builds the coordinator as it ships: Node's own loader, the SDK's unused parts left out. `node packages/coordinator/build.ts`
 * writes dist/coordinator/switchover.mjs and the parts it loads. It starts three times as fast as the source tree and
 * takes half the memory.
 */
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleSettings, required, stamp, unusedShapes } from '../../build/bundle.ts'
import { sourceCommit } from '../../build/commit.ts'
import { type Component, componentsOf } from '../../build/components.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const out = fileURLToPath(new URL('../../dist/coordinator', import.meta.url))

/** Loaded in this way, the other parts of Node take more memory than they leave out. */
const isHttp = (path: string) => /^(?:node:)?http$/.test(path)

/** @returns the file to run, and what is in it of others */
export async function buildCoordinator(
  directory: string,
): Promise<{ file: string; components: Component[] }> {
  await rm(directory, { recursive: true, force: true })
  const { metafile } = await build({
    ...bundleSettings,
    absWorkingDir: root,
    entryPoints: { switchover: fileURLToPath(new URL('src/main.ts', import.meta.url)) },
    outdir: directory,
    plugins: [unusedShapes, required(isHttp), stamp(await sourceCommit())],
    external: ['@switchover/rehearsal/*', '@switchover/local-aws/*'],
  })
  return { file: `${directory}/switchover.mjs`, components: await componentsOf(metafile, root) }
}

if (import.meta.main) {
  await buildCoordinator(out)
  process.stdout.write('dist/coordinator/switchover.mjs\n')
}
