import { execa, ExecaError } from 'execa'

/** Where our rules stand: translation of addresses, and Docker's chain for the rules of others. */
const PLACES = [
  { table: 'nat', chain: 'PREROUTING' },
  { table: 'filter', chain: 'DOCKER-USER' },
] as const

const METADATA_ADDRESS = '169.254.169.254'
const COMMENT = 'switchover:'

/** Null, or one sentence why no rules can be written here (rights, or a kernel without them). */
export async function whyNoRules(): Promise<string | null> {
  return Promise.all(PLACES.map(({ table }) => iptables(table, ['-S']))).then(
    () => null,
    (error: unknown) => `Rules for the network of the instances cannot be written: ${firstLine(error)}`,
  )
}

/**
 * Sends what instances on `bridge` ask of `address:port` to `to` (an address and port of this host).
 * @throws {Error} where rules cannot be written (no root, no iptables).
 */
export async function forward(
  bridge: string,
  network: string,
  from: Readonly<{ address: string; port: number }>,
  to: string,
): Promise<void> {
  const match = ['-i', bridge, '-d', `${from.address}/32`, '-p', 'tcp', '--dport', String(from.port)]
  await iptables('nat', [
    '-I',
    'PREROUTING',
    ...match,
    ...comment(network),
    '-j',
    'DNAT',
    '--to-destination',
    to,
  ])
}

/**
 * Keeps instances from the metadata service of the machine they run on, which may be an EC2 instance with
 * credentials of its own. What `forward` has sent elsewhere never comes here.
 */
export async function fenceOffMetadata(bridge: string, network: string): Promise<void> {
  const match = ['-i', bridge, '-d', `${METADATA_ADDRESS}/32`]
  await iptables('filter', ['-I', 'DOCKER-USER', ...match, ...comment(network), '-j', 'REJECT'])
}

/** Sends the instances' metadata requests to `to`; the host's own address space is left alone. */
export async function forwardMetadata(bridge: string, network: string, to: string): Promise<void> {
  await forward(bridge, network, { address: METADATA_ADDRESS, port: 80 }, to)
}

/** Removes all rules of the networks that `ofNetwork` picks. */
export async function removeRules(ofNetwork: (network: string) => boolean): Promise<void> {
  for (const { table, chain } of PLACES)
    for (const rule of await rulesOf(table, chain)) {
      const network = networkOf(rule)
      if (network === null || !ofNetwork(network)) continue
      // Another run may have swept the same leftover meanwhile.
      await iptables(table, ['-D', ...rule.slice(1)]).catch((error: unknown) => ignoreMissing(error))
    }
}

/** The networks that any rule of ours is for. */
export async function networksWithRules(): Promise<ReadonlySet<string>> {
  const all = await Promise.all(PLACES.map(({ table, chain }) => rulesOf(table, chain)))
  return new Set(all.flat().flatMap((rule) => networkOf(rule) ?? []))
}

async function rulesOf(table: string, chain: string): Promise<string[][]> {
  const printed = await iptables(table, ['-S', chain])
  return printed
    .split('\n')
    .filter((line) => line.startsWith('-A '))
    .map((line) => line.split(' ').map((word) => word.replaceAll('"', '')))
}

function networkOf(rule: readonly string[]): string | null {
  const name = rule[rule.indexOf('--comment') + 1] ?? ''
  return name.startsWith(COMMENT) ? name.slice(COMMENT.length) : null
}

function comment(network: string): string[] {
  return ['-m', 'comment', '--comment', `${COMMENT}${network}`]
}

function firstLine(error: unknown): string {
  const said = error instanceof ExecaError && typeof error.stderr === 'string' ? error.stderr : String(error)
  return said.trim().split('\n')[0] ?? ''
}

function ignoreMissing(error: unknown): void {
  if (error instanceof Error && /does a matching rule exist|No chain\/target\/match/i.test(error.message))
    return
  throw error
}

async function iptables(table: string, args: readonly string[]): Promise<string> {
  // -w: another run, or Docker, may hold the lock.
  const { stdout } = await execa('iptables', ['-w', '60', '-t', table, ...args], {
    stdin: 'ignore',
    timeout: 90_000,
  })
  return stdout
}
