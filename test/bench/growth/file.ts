import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Writes a drawing to a file, or into a directory that is there. @returns the file */
export async function writeSvg(path: string, svg: string): Promise<string> {
  const isDirectory = path.endsWith('/') || (await stat(path).catch(() => null))?.isDirectory() === true
  const file = isDirectory ? join(path, 'growth.svg') : path
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, svg)
  return file
}
