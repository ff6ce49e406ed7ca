/** Where a panel's curves are drawn, in its own units, and what its axes hold. */
export type Box = Readonly<{
  left: number
  right: number
  top: number
  bottom: number
  /** Instances at the left end and at the right end of the axis. */
  fewest: number
  most: number
  /** The value at the top; 0 is at the bottom. */
  highest: number
}>

/** Instances by their logarithm: from 4 to 40 is as far as from 40 to 400. */
export function xOf({ left, right, fewest, most }: Box, instances: number): number {
  if (fewest === most) return (left + right) / 2
  return left + (Math.log(instances / fewest) / Math.log(most / fewest)) * (right - left)
}

export function yOf({ top, bottom, highest }: Box, value: number): number {
  return bottom - (value / highest) * (bottom - top)
}

/** From 0 in steps of 1, 2, 2.5 or 5 times a power of ten, at most six of them, until `most` is below the last. */
export function linearTicks(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(most / 6))
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size * 6 >= most) ?? most
  const count = Math.ceil(most / step - 1e-9)
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)))
}
