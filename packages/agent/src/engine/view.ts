import type Docker from 'dockerode'
import type { ContainerState, ContainerView, ImageView } from '../decide/observation.ts'

const projectLabel = 'com.docker.compose.project'
const serviceLabel = 'com.docker.compose.service'
const oneOffLabel = 'com.docker.compose.oneoff'

/** An image by the reference it was pulled by, beside what the compose file's name for it means now. */
export async function viewImage(docker: Docker, source: string, name: string): Promise<ImageView> {
  const [image, named] = await Promise.all([inspectImage(docker, source), inspectImage(docker, name)])
  return {
    source,
    sourceId: image?.Id ?? null,
    sourceDigests: image?.RepoDigests ?? [],
    architecture: image?.Architecture || null,
    namedId: named?.Id ?? null,
  }
}

async function inspectImage(docker: Docker, reference: string): Promise<Docker.ImageInspectInfo | null> {
  return orNull(docker.getImage(reference).inspect())
}

/** Containers of a compose project, by the labels compose puts on them; those of `compose run` are left out. */
export async function viewContainers(docker: Docker, project: string, now: number): Promise<ContainerView[]> {
  const rows = await docker.listContainers({ all: true, filters: { label: [`${projectLabel}=${project}`] } })
  const own = rows.filter((row) => row.Labels[oneOffLabel] !== 'True')
  const views = await Promise.all(
    own.map(async (row) => {
      const found = await orNull(docker.getContainer(row.Id).inspect())
      return found ? containerView(found, row.Labels[serviceLabel] ?? '', now) : null
    }),
  )
  return views.filter((view) => view !== null)
}

function containerView(found: Docker.ContainerInspectInfo, service: string, now: number): ContainerView {
  const health = found.State.Health?.Status
  const policy = found.HostConfig.RestartPolicy?.Name ?? ''
  return {
    id: found.Id,
    service,
    imageId: found.Image,
    state: found.State.Status as ContainerState,
    health: health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : 'none',
    exitCode: found.State.ExitCode,
    runningMs: found.State.Running ? Math.max(0, now - Date.parse(found.State.StartedAt)) : 0,
    oneShot: policy === '' || policy === 'no' || policy === 'on-failure',
    restarts: found.RestartCount,
  }
}

/** The answer, or null where what was asked for is gone. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (statusOf(error) === 404) return null
    throw error
  }
}

/** The engine's HTTP status, null where there was no answer. */
export function statusOf(error: unknown): number | null {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : null
  return typeof status === 'number' ? status : null
}
