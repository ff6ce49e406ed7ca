import type { Manifest } from '../../ecr/images.ts'

/** What the Engine would call the image: the digest of its config, or of the index that holds it. */
export function imageId({ body, digest }: Manifest): string {
  const manifest = JSON.parse(Buffer.from(body).toString('utf8')) as { config?: { digest?: string } }
  return manifest.config?.digest ?? digest
}
