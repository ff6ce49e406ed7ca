import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import type { App } from './scene.ts'

const dockerfile = readFileSync(
  new URL(import.meta.resolve('@switchover/bootstrap/example/image/Dockerfile')),
  'utf8',
)

/** What the example's image is built on here: the static busybox of the machines' own image, so that nothing is pulled. */
const base = (machineImage: string): string => `FROM scratch
COPY --from=${machineImage} /bin/busybox /bin/busybox
ENV PATH=/bin
`

/** The same app, which answers 404 where its health is asked for. */
const neverHealthy = (image: string): string => `FROM ${image}
RUN ["busybox", "rm", "/www/health"]
`

/**
 * Builds the image of the example service.
 * @throws {Error} when the engine refuses it.
 */
export async function buildSampleImage(
  { reference, version, app }: { reference: string; version: string; app: App },
  machineImage: string,
): Promise<void> {
  const baseImage = await build(base(machineImage))
  const args = ['--build-arg', `BASE=${baseImage}`, '--build-arg', `VERSION=${version}`]
  const image = await build(dockerfile, [...args, '--tag', reference])
  if (app === 'never healthy') await build(neverHealthy(image), ['--tag', reference])
}

/** @returns the id of the image, which nothing but its descendants keeps */
async function build(input: string, options: readonly string[] = []): Promise<string> {
  const built = await execa('docker', ['build', '--quiet', ...options, '-'], {
    input,
    env: { DOCKER_BUILDKIT: '0' },
  })
  return built.stdout.trim()
}
