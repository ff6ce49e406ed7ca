/** An IPv4 network as its first address and mask, both as unsigned 32-bit numbers. */
type Range = Readonly<{ base: number; mask: number }>

/** /24 networks of ours: private ranges that neither AWS's default VPC nor Docker's own pools begin with. */
const CANDIDATES = [...blocks(172, 30), ...blocks(10, 213)]

/**
 * Networks of ours that overlap no route in `routes` (the text of /proc/net/route), from a place chosen by `random`
 * so that runs side by side seldom try the same one. E.g. `172.30.7.0/24`.
 */
export function freeSubnets(routes: string, random: number): string[] {
  const taken = routesIn(routes)
  const start = Math.floor(random * CANDIDATES.length)
  return [...CANDIDATES.slice(start), ...CANDIDATES.slice(0, start)].filter((subnet) => {
    const range = rangeOf(subnet)
    return !taken.some((other) => overlap(range, other))
  })
}

/** The `n`th address of a /24: `addressIn('172.30.7.0/24', 1)` is `172.30.7.1`. */
export function addressIn(subnet: string, n: number): string {
  return subnet.replace(/0\/24$/, String(n))
}

/** Destination and Mask are columns 2 and 8, hexadecimal, least significant byte first. The default route is none. */
function routesIn(text: string): Range[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length >= 8 && columns[7] !== '00000000')
    .map((columns) => ({ base: littleEndian(columns[1] ?? ''), mask: littleEndian(columns[7] ?? '') }))
}

function littleEndian(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE()
}

function rangeOf(subnet: string): Range {
  const bytes = subnet.replace(/\/24$/, '').split('.').map(Number)
  return { base: Buffer.from(bytes).readUInt32BE(), mask: 0xffffff00 }
}

function overlap(a: Range, b: Range): boolean {
  const mask = a.mask & b.mask
  return (a.base & mask) === (b.base & mask)
}

function blocks(first: number, second: number): string[] {
  return Array.from({ length: 256 }, (_, third) => `${first}.${second}.${third}.0/24`)
}
