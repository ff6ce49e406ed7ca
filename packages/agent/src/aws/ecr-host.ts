const pattern = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/

/** Account and Region of a private ECR registry, or null where the host is none. */
export function parseEcrHost(host: string): { account: string; region: string } | null {
  const [, account, region] = pattern.exec(host) ?? []
  return account === undefined || region === undefined ? null : { account, region }
}
