import type Docker from 'dockerode'
import type { StoredImage } from '../decide/old-images.ts'
import { orNull, statusOf } from './view.ts'

/** Every image, each with its names and whether a container is made of it. */
export async function storedImages(docker: Docker): Promise<StoredImage[]> {
  const [images, containers] = await Promise.all([
    docker.listImages({ digests: true }),
    docker.listContainers({ all: true }),
  ])
  const used = new Set(containers.map(({ ImageID }) => ImageID))
  return images.map((image) => ({
    id: image.Id,
    names: [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter(
      (name) => !name.includes('<none>'),
    ),
    createdAt: image.Created * 1_000,
    bytes: image.Size,
    used: used.has(image.Id),
  }))
}

/** False where a container is made of the image and this is its last name. */
export async function removeName(docker: Docker, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await orNull(docker.getImage(name).remove({ noprune: true, abortSignal: signal }))
    return true
  } catch (error) {
    if (statusOf(error) === 409) return false
    throw error
  }
}
