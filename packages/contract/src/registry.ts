/**
 * What a registry may answer for a tag or digest: an index (many platforms) or the manifest of one image (OCI image
 * spec; Docker's own media types of the same shape).
 */
export const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const

/** Of both kinds of endpoint: IPv4 alone, and dual-stack (Amazon ECR User Guide, "Making requests to Amazon ECR registries"). */
const ecrHost =
  /^(\d{12})\.dkr(?:\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?|-ecr(?:-fips)?\.([a-z0-9-]+)\.on\.aws)$/

/** Account and Region of a private ECR registry, or null where the host is none. */
export function parseEcrHost(host: string): { account: string; region: string } | null {
  const [, account, plain, dual] = ecrHost.exec(host) ?? []
  const region = plain ?? dual
  return account === undefined || region === undefined ? null : { account, region }
}
