export type StoreLocation = { bucket: string; prefix: string }

/** Bucket and prefix of `s3://BUCKET/PREFIX` (prefix without slashes at its ends, maybe empty), or null. */
export function parseStoreUrl(url: string): StoreLocation | null {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9!_.*'()/-]*))?$/.exec(url)
  if (!match?.[1]) return null
  return { bucket: match[1], prefix: (match[2] ?? '').replace(/^\/+|\/+$/g, '') }
}

/** Where everything lives under the store's prefix (docs/record.md). */
export function storeKeys(prefix: string, service: string) {
  const root = prefix === '' ? '' : `${prefix}/`
  const base = `${root}${service}`
  return {
    record: `${base}/deployment.json`,
    history: (id: string) => `${base}/history/${id}.json`,
    historyPrefix: `${base}/history/`,
    /** @param from when the run began, milliseconds since the epoch: names of one length, in the order of time */
    trace: (id: string, from: number) => `${base}/history/${id}/${from}.json`,
    tracePrefix: (id: string) => `${base}/history/${id}/`,
    reportsPrefix: `${base}/reports/`,
    /** @param userId `aws:userid` of the instance's role session, `ROLEID:i-…` */
    report: (userId: string) => `${base}/reports/${userId}.json`,
    bundle: (revision: string) => `${base}/bundles/${revision}.tar.gz`,
    bundleChecksum: (revision: string) => `${base}/bundles/${revision}.sha256`,
    bundlesPrefix: `${base}/bundles/`,
  }
}

export function agentKeys(prefix: string, version: string, arch: 'x64' | 'arm64') {
  const root = prefix === '' ? '' : `${prefix}/`
  const tarball = `${root}agent/${version}/switchover-agent-linux-${arch}.tar.gz`
  return { tarball, checksum: tarball.replace(/\.tar\.gz$/, '.sha256') }
}

/** The instance id a report key ends with, or null where the key is no report of an instance. */
export function instanceOfReportKey(key: string): string | null {
  return /:(i-[0-9a-f]{8,17})\.json$/.exec(key)?.[1] ?? null
}
