import type { ContainerView } from '../../src/decide/observation.ts'
import type { StoredImage } from '../../src/decide/old-images.ts'

/** Images of an engine by name, each as old as its id says. */
export function storedImages(
  images: ReadonlyMap<string, string>,
  containers: readonly ContainerView[],
): StoredImage[] {
  return [...new Set(images.values())].toSorted().map((id, age) => ({
    id,
    names: [...images].flatMap(([name, of]) => (of === id ? [name] : [])),
    createdAt: age,
    bytes: 10e6,
    used: containers.some(({ imageId }) => imageId === id),
  }))
}
