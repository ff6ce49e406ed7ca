import type { SpotInterruption, SpotNotices } from '../../ec2/spot-notices.ts'
import type { RoleCredentials } from '../../sts/identities.ts'

/** What one path of the metadata tree holds: text, or a directory of further paths. */
export type Node = string | { readonly [name: string]: Node }

/** The role's credentials, as `iam/security-credentials/ROLE` gives them, and when they were issued, milliseconds since the epoch. */
export type ShownCredentials = RoleCredentials & Readonly<{ updated: number }>

/** What the metadata service knows of one instance. Where EC2 answers 404 the value is null. */
export type Metadata = Readonly<{
  instanceId: string
  ip: string
  imageId: string
  instanceType: string
  architecture: 'x86_64' | 'arm64'
  availabilityZone: string
  region: string
  account: string
  role: string | null
  userData: string | null
  /** Milliseconds since the epoch. */
  launchedAt: number
  /** Of the group's transition under way or last done; null when there was none. */
  targetLifecycleState: string | null
  /** EC2's notices to a Spot instance. */
  spot: SpotNotices
  /** Null unless the instance was launched with InstanceMetadataTags=enabled; EC2's default is disabled. */
  tags: Readonly<Record<string, string>> | null
  credentials: ShownCredentials | null
}>

/**
 * The tree below `/latest` (EC2 user guide, "Instance metadata categories" and "Instance identity documents").
 * Identifiers of things the local AWS has none of (network interface, subnet, reservation) are made from the instance's.
 */
export function metadataTree(metadata: Metadata): Node {
  const mac = macOf(metadata.ip)
  const hostname = `${hostnameOf(metadata.ip)}.ec2.internal`
  const serial = metadata.instanceId.replace(/^i-/, '')
  const { interruption, rebalanceAt } = metadata.spot
  const interfaceData = {
    'device-number': '0',
    'interface-id': `eni-${serial}`,
    'local-hostname': hostname,
    'local-ipv4s': metadata.ip,
    mac,
    'owner-id': metadata.account,
  }
  return {
    dynamic: { 'instance-identity': { document: identityDocument(metadata) } },
    'meta-data': {
      'ami-id': metadata.imageId,
      'ami-launch-index': '0',
      'ami-manifest-path': '(unknown)',
      ...(metadata.targetLifecycleState !== null && {
        autoscaling: { 'target-lifecycle-state': metadata.targetLifecycleState },
      }),
      'block-device-mapping': { ami: 'xvda', root: '/dev/xvda' },
      events: {
        maintenance: { history: '[]', scheduled: '[]' },
        ...(rebalanceAt !== null && {
          recommendations: { rebalance: json({ noticeTime: isoSeconds(rebalanceAt) }) },
        }),
      },
      hostname,
      ...iam(metadata),
      'instance-action': 'none',
      'instance-id': metadata.instanceId,
      'instance-life-cycle': interruption === null && rebalanceAt === null ? 'on-demand' : 'spot',
      'instance-type': metadata.instanceType,
      'local-hostname': hostname,
      'local-ipv4': metadata.ip,
      mac,
      network: { interfaces: { macs: { [mac]: interfaceData } } },
      placement: { 'availability-zone': metadata.availabilityZone, region: metadata.region },
      'reservation-id': `r-${serial}`,
      'security-groups': 'default',
      ...(interruption !== null && { spot: spotEntries(interruption) }),
      services: { domain: 'amazonaws.com', partition: 'aws' },
      ...(metadata.tags !== null && { tags: { instance: metadata.tags } }),
    },
    ...(metadata.userData !== null && { 'user-data': metadata.userData }),
  }
}

/**
 * The node at `path` (below the version, without its leading slash), or null where EC2 answers 404: nothing is there,
 * or a value was asked for as a directory.
 */
export function nodeAt(tree: Node, path: string): Node | null {
  let node = tree
  for (const name of path.split('/').filter((name) => name !== '')) {
    if (typeof node === 'string' || !Object.hasOwn(node, name)) return null
    const next = node[name]
    if (next === undefined) return null
    node = next
  }
  return typeof node === 'string' && path.endsWith('/') ? null : node
}

/** A value as it is; a directory as its names, one a line, those of directories with a slash at the end. */
export function textOf(node: Node): string {
  if (typeof node === 'string') return node
  return Object.entries(node)
    .map(([name, child]) => (typeof child === 'string' ? name : `${name}/`))
    .join('\n')
}

/** `ip-172-30-0-11` */
export function hostnameOf(ip: string): string {
  return `ip-${ip.replaceAll('.', '-')}`
}

/** The address Docker gives a container's interface: derived from its IP address. */
export function macOf(ip: string): string {
  const bytes = ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
  return `02:42:${bytes.join(':')}`
}

function iam(metadata: Metadata): { readonly [name: string]: Node } {
  const { role, credentials } = metadata
  if (role === null || credentials === null) return {}
  const info = {
    Code: 'Success',
    LastUpdated: isoSeconds(credentials.updated),
    InstanceProfileArn: `arn:aws:iam::${metadata.account}:instance-profile/${role}`,
    InstanceProfileId: 'AIPAEXAMPLEEXAMPLE123',
  }
  const keys = {
    Code: 'Success',
    LastUpdated: isoSeconds(credentials.updated),
    Type: 'AWS-HMAC',
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.token,
    Expiration: isoSeconds(credentials.expiration),
  }
  return { iam: { info: json(info), 'security-credentials': { [role]: json(keys) } } }
}

/** UG spot-instance-termination-notices; the older termination-time names a termination alone. */
function spotEntries({ action, at }: SpotInterruption): { readonly [name: string]: Node } {
  const time = isoSeconds(at)
  return {
    'instance-action': json({ action, time }),
    ...(action === 'terminate' && { 'termination-time': time }),
  }
}

function identityDocument(metadata: Metadata): string {
  return json({
    accountId: metadata.account,
    architecture: metadata.architecture,
    availabilityZone: metadata.availabilityZone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: metadata.imageId,
    instanceId: metadata.instanceId,
    instanceType: metadata.instanceType,
    kernelId: null,
    pendingTime: isoSeconds(metadata.launchedAt),
    privateIp: metadata.ip,
    ramdiskId: null,
    region: metadata.region,
    version: '2017-09-30',
  })
}

function json(value: object): string {
  return JSON.stringify(value, null, 2)
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
