/** One connection to the endpoint. */
export type Guest = {
  address: string
  /** Milliseconds since 1970. */
  since: number
  /** Whether its request has come whole, so that an answer is under way. */
  asked: boolean
}

export type CrowdLimits = { total: number; perAddress: number }

/**
 * Whom to turn away for a newcomer, or null where there is room. Newcomers always come in: a load balancer's check is
 * one, and is answered at once, so what waits is worth less the longer it has waited. An address that has its share
 * loses one of its own; where all places are taken, the address that holds the most does.
 */
export function turnedAway<G extends Guest>(
  guests: readonly G[],
  address: string,
  limits: CrowdLimits,
): G | null {
  const own = guests.filter((guest) => guest.address === address)
  if (own.length >= limits.perAddress) return leastWorth(own)
  if (guests.length < limits.total) return null
  const held = Map.groupBy(guests, (guest) => guest.address)
  const most = Math.max(...[...held.values()].map((group) => group.length))
  return leastWorth(guests.filter((guest) => held.get(guest.address)?.length === most))
}

function leastWorth<G extends Guest>(guests: readonly G[]): G | null {
  const waiting = guests.filter((guest) => !guest.asked)
  const chosen = waiting.length > 0 ? waiting : guests
  return chosen.reduce<G | null>(
    (least, guest) => (least && least.since <= guest.since ? least : guest),
    null,
  )
}
