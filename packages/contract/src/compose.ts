import * as z from 'zod'
import { parseDuration } from './duration.ts'
import { isPinned, parseImage } from './image.ts'
import { schemaSentence } from './sentence.ts'

/** A duration in a file, in milliseconds once parsed. */
const duration = z.string().transform((text, context) => {
  try {
    return parseDuration(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

/** What is done again and again needs a pause. */
const pause = duration.refine((ms) => ms >= 100, 'at least 100ms')

/** The agent's settings in the compose file's own extension field (docs/compose-file.md). */
const settingsSchema = z.strictObject({
  health: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      interval: pause.default(2_000),
      // An agent that waits for minutes looks dead to its machine.
      timeout: pause.refine((ms) => ms <= 30_000, 'at most 30s').default(2_000),
      // Looks in a row, an interval apart, that make the app healthy, and that end it.
      healthy: z.number().int().min(1).max(10).default(1),
      unhealthy: z.number().int().min(1).max(10).default(3),
    })
    .optional(),
  port: z.number().int().min(1).max(65_535).default(8_090),
  drain: duration.default(30_000),
  // As the load balancer's health check is set; unless given, as ELB sets it by itself (ELBv2, CreateTargetGroup).
  checks: z
    .strictObject({
      interval: pause.default(30_000),
      /** Failed checks in a row after which no request comes any more. */
      threshold: z.number().int().min(1).max(10).default(2),
    })
    .prefault({}),
  parked: z.strictObject({ stop: z.array(z.string()) }).default({ stop: [] }),
})
export type Settings = z.infer<typeof settingsSchema>

export type PinnedImage = { service: string; repository: string }
export type ComposeFile = {
  settings: Settings
  /** Images that run at the group's version, one row a compose service. */
  pinned: readonly PinnedImage[]
  /** All other images, by compose service. */
  sidecars: readonly { service: string; image: string }[]
}

const fileSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.unknown().optional(),
      profiles: z.array(z.string()).optional(),
    }),
  ),
  'x-switchover': settingsSchema.prefault({}),
})

/**
 * What Switchover needs to know of a parsed compose file.
 * Refuses a file without a pinned image, with `build:` or with an image that is no reference, in one sentence.
 */
export function readComposeFile(
  document: unknown,
): { ok: true; file: ComposeFile } | { ok: false; problem: string } {
  const parsed = fileSchema.safeParse(document)
  if (!parsed.success) return { ok: false, problem: `The compose file: ${schemaSentence(parsed.error)}` }
  const pinned: PinnedImage[] = []
  const sidecars: { service: string; image: string }[] = []
  for (const [service, { image, build }] of Object.entries(parsed.data.services)) {
    if (build !== undefined)
      return {
        ok: false,
        problem: `Service ${service} has build: images are built before they are deployed.`,
      }
    if (image === undefined) return { ok: false, problem: `Service ${service} names no image.` }
    try {
      const reference = parseImage(image)
      if (isPinned(reference)) pinned.push({ service, repository: reference.repository })
      else sidecars.push({ service, image })
    } catch (error) {
      return { ok: false, problem: `Service ${service}: ${(error as Error).message}` }
    }
  }
  if (pinned.length === 0) {
    return {
      ok: false,
      problem: 'The compose file has no pinned image: give the image that is deployed the tag ":live".',
    }
  }
  const settings = parsed.data['x-switchover']
  const started = pinned.filter(({ service }) => !parsed.data.services[service]?.profiles?.length)
  if (started.length === 0)
    return {
      ok: false,
      problem: 'Every service with a pinned image has profiles: one must start by default.',
    }
  const unknown = settings.parked.stop.find((name) => !(name in parsed.data.services))
  if (unknown !== undefined)
    return {
      ok: false,
      problem: `x-switchover.parked.stop names ${unknown}, which is no service of the file.`,
    }
  if (started.every(({ service }) => settings.parked.stop.includes(service)))
    return {
      ok: false,
      problem:
        'x-switchover.parked.stop names every service with a pinned image: one must go on, to be verified while parked.',
    }
  return { ok: true, file: { settings, pinned, sidecars } }
}

/** The repositories of the pinned images, each once. A single one is tagged with a single digest. */
export function pinnedRepositories(file: ComposeFile): string[] {
  return [...new Set(file.pinned.map((image) => image.repository))]
}
