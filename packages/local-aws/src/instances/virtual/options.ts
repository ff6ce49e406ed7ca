/** How a virtual machine behaves. Times in milliseconds of the cloud's clock. */
export type VirtualOptions = Readonly<{
  /** From launch to EC2's running. */
  launchMs: number
  /** From running to the agent's first look at its group. */
  bootMs: number
  pullMs: number
  /** From compose up to the app's first good answer. */
  appMs: number
  /** Between the end of readiness and the end of the app. */
  drainMs: number
  /** What the load balancer needs to see that an instance is not ready; a Spot instance leaves so much earlier. */
  checksMs: number
  /** Between looks at the target lifecycle state. */
  pollMs: number
  appPort: number
  agentPort: number
  /** Each machine has a loopback address of its own and really listens on it; else its health checks are answered by the model. */
  listen: boolean
  /** What sets a version apart from the others. */
  versions: Readonly<Record<string, VersionBehaviour>>
}>

export type VersionBehaviour = Readonly<{
  pullMs?: number
  appMs?: number
  /** The app comes up and answers 500 for ever. */
  neverHealthy?: boolean
  /** The agent gives up for good, with this sentence. */
  failsFor?: string
  /** The machine powers itself off this long after it became ready. */
  diesMs?: number
}>

/** A small instance with a small image. */
export const defaultOptions: VirtualOptions = {
  launchMs: 8_000,
  bootMs: 15_000,
  pullMs: 5_000,
  appMs: 3_000,
  drainMs: 5_000,
  checksMs: 60_000,
  pollMs: 5_000,
  appPort: 8_080,
  agentPort: 8_090,
  listen: false,
  versions: {},
}
