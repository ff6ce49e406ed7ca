import { unknownHealth } from './health.ts'
import type { ContainerView, EngineView, ImageView, Observation, Plan, Wanted } from './observation.ts'

/** A machine of the service `web`, pinned image and sidecar, as decisions see it: `boot` on its way up, `up` serving. */
export const digest = `sha256:${'a'.repeat(64)}`
export const source = `registry.example/web@${digest}`
export const id = `sha256:${'1'.repeat(64)}`
export const other = `sha256:${'2'.repeat(64)}`

export const wanted: Wanted = {
  group: 'web-blue',
  service: 'web',
  store: 's3://bucket/prefix',
  version: 'v1',
  bundle: '0123456789ab',
  release: 'each',
  deployment: null,
  digests: { '': digest },
}
export const plan: Plan = {
  directory: '/state/bundles/0123456789ab',
  composeFile: '/state/bundles/0123456789ab/compose.yaml',
  settings: {
    health: {
      url: 'http://127.0.0.1:8080/health',
      interval: 2_000,
      timeout: 2_000,
      healthy: 1,
      unhealthy: 3,
    },
    port: 8_090,
    drain: 30_000,
    checks: { interval: 30_000, threshold: 2 },
    parked: { stop: ['worker'] },
  },
  pinned: [{ service: 'web', repository: 'registry.example/web', source, digest }],
  sidecars: [{ service: 'worker', image: 'redis:7', source: `redis@${digest}` }],
  services: ['web', 'worker'],
}
export const image = (over: Partial<ImageView> = {}): ImageView => ({
  source,
  sourceId: id,
  sourceDigests: [source],
  architecture: 'amd64',
  namedId: id,
  ...over,
})
export const sidecar: ImageView = image({ source: `redis@${digest}`, sourceId: other, namedId: other })
export const container = (over: Partial<ContainerView> = {}): ContainerView => ({
  id: 'c1',
  service: 'web',
  imageId: id,
  state: 'running',
  health: 'none',
  exitCode: 0,
  runningMs: 60_000,
  oneShot: false,
  restarts: 0,
  ...over,
})
export const worker = container({ id: 'c2', service: 'worker', imageId: other })
export const engine = (images: ImageView[], containers: ContainerView[]): EngineView => ({
  architecture: 'amd64',
  images: new Map(images.map((view) => [view.source, view])),
  containers,
})
export const healthy = { healthy: true, passes: 0, failures: 0, reason: null }

export const up: Observation = {
  now: 1_000_000,
  identity: { instanceId: 'i-0123456789abcdef0', region: 'us-east-1' },
  wanted,
  plan,
  engine: engine([image(), sidecar], [container(), worker]),
  recorded: [],
  health: healthy,
  parking: { since: null },
  warm: false,
  ending: null,
  everReady: true,
  tidied: true,
  terminal: null,
}
export const boot: Observation = { ...up, everReady: false, health: unknownHealth }
