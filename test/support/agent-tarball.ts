import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { canonicalTar } from '@switchover/coordinator/publish/canonical-tar'

/** An agent's tarball as `publish --agent` reads one, with nothing in it but its version. */
export async function writeAgentTarball(path: string): Promise<void> {
  const content = Buffer.from('0.1.0\n')
  const tar = await canonicalTar([{ kind: 'file', path: 'VERSION', content, executable: false }])
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, gzipSync(tar))
}
