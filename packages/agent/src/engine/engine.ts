import Docker from 'dockerode'
import * as z from 'zod'
import type { Clock } from '../clock.ts'
import type { EngineView, Plan } from '../decide/observation.ts'
import type { StoredImage } from '../decide/old-images.ts'
import { lastLines } from './container-log.ts'
import { removeName, storedImages } from './stored-images.ts'
import { viewContainers, viewImage } from './view.ts'

/** What ImageCreate takes in X-Registry-Auth. */
export type RegistryLogin =
  | { username: string; password: string; serveraddress: string }
  | { identitytoken: string; serveraddress: string }

/** What the agent asks of the machine's Docker engine. */
export type Engine = {
  /** Images and containers of a project. @throws the engine's error, or the transport's */
  view(project: string, plan: Plan): Promise<EngineView>
  /** The body of ImageCreate, which begins with the pull and says how it ends. */
  pull(source: string, login: RegistryLogin | null, signal: AbortSignal): Promise<NodeJS.ReadableStream>
  /** Makes `name` (`repository:tag`) mean the image of `source`. Atomic, safe to repeat. */
  tag(source: string, name: string): Promise<void>
  /** Every image of the machine. */
  images(): Promise<StoredImage[]>
  /**
   * Takes a name from an image, and the image with its last one. False where a container is made of it. Safe to repeat;
   * never forced, and images it was built on stay.
   */
  removeName(name: string, signal: AbortSignal): Promise<boolean>
  /** Where the engine keeps its data; an engine that leaves images to containerd does not say where that has them. */
  dataDirectory(): Promise<string>
  /** Last lines a container wrote, oldest first. */
  logs(containerId: string, lines: number): Promise<string[]>
}

const silenceMs = 30_000
/** Removing large layers takes a slow disk minutes. */
const removeMs = 3 * 60_000

export function dockerEngine(options: { socketPath: string; clock: Clock }): Engine {
  const { socketPath, clock } = options
  // The modem's time limit is one of silence, and a pull may be silent for minutes.
  const docker = new Docker({ socketPath, timeout: silenceMs })
  const puller = new Docker({ socketPath })
  const remover = new Docker({ socketPath, timeout: removeMs })
  let architecture: string | null = null

  async function engineArchitecture(): Promise<string> {
    architecture ??= (await docker.version()).Arch
    return architecture
  }

  return {
    view: async (project, plan) => {
      const named = [
        ...plan.pinned.map((image) => ({ source: image.source, name: `${image.repository}:live` })),
        ...plan.sidecars.map((image) => ({ source: image.source, name: image.image })),
      ]
      const [arch, images, containers] = await Promise.all([
        engineArchitecture(),
        Promise.all(named.map(({ source, name }) => viewImage(docker, source, name))),
        viewContainers(docker, project, clock.wall(clock.now()).getTime()),
      ])
      return { architecture: arch, images: new Map(images.map((view) => [view.source, view])), containers }
    },
    pull: (source, login, signal) =>
      // The login travels in a header; as an option it would be written into the query string.
      puller.createImage(login ?? {}, { ...imageQuery(source), abortSignal: signal }),
    tag: async (source, name) => {
      const { repository, tag } = splitTag(name)
      await docker.getImage(source).tag({ repo: repository, tag })
    },
    images: () => storedImages(docker),
    removeName: (name, signal) => removeName(remover, name, signal),
    dataDirectory: async () =>
      z.object({ DockerRootDir: z.string() }).parse(await docker.info()).DockerRootDir,
    logs: async (containerId, lines) => {
      const container = docker.getContainer(containerId)
      return lastLines(
        await container.logs({ stdout: true, stderr: true, tail: lines, follow: false }),
        lines,
      )
    },
  }
}

function imageQuery(source: string): { fromImage: string; tag: string } {
  const at = source.indexOf('@')
  if (at > 0) return { fromImage: source.slice(0, at), tag: source.slice(at + 1) }
  const { repository, tag } = splitTag(source)
  return { fromImage: repository, tag }
}

function splitTag(name: string): { repository: string; tag: string } {
  const colon = name.lastIndexOf(':')
  if (colon <= name.lastIndexOf('/')) return { repository: name, tag: 'latest' }
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
}
