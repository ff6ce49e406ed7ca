import { buffer } from 'node:stream/consumers'
import { execa } from 'execa'
import { pack } from 'tar-stream'

/** The trap ends it at once on SIGTERM: as process 1 the web server alone would ignore it. */
const dockerfile = (machineImage: string, version: string): string => `FROM scratch
COPY --from=${machineImage} /bin/busybox /bin/busybox
COPY index.html health /www/
ENV PATH=/bin
EXPOSE 8080
LABEL org.opencontainers.image.version=${version}
ENTRYPOINT ["/bin/busybox","sh","-c","trap 'exit 0' TERM; busybox httpd -f -p 8080 -h /www & wait"]
`

/**
 * Builds the sample service's image, pulling nothing: a web server that answers `/` with its version and `/health`
 * with "ok". Its one program is the static busybox of the machines' own image.
 * @throws {Error} when the engine refuses it.
 */
export async function buildSampleImage(
  reference: string,
  version: string,
  machineImage: string,
): Promise<void> {
  const context = pack()
  context.entry({ name: 'Dockerfile' }, dockerfile(machineImage, version))
  context.entry({ name: 'index.html' }, `${version}\n`)
  context.entry({ name: 'health' }, 'ok\n')
  context.finalize()
  const input = await buffer(context)
  await execa('docker', ['build', '--quiet', '--tag', reference, '-'], {
    input,
    env: { DOCKER_BUILDKIT: '0' },
  })
}
