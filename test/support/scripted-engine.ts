import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

/** The one image there is, as the engine knows it. */
export const engineImage = {
  repository: 'registry.example/web',
  digest: `sha256:${'a'.repeat(64)}`,
  id: `sha256:${'c'.repeat(64)}`,
} as const

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
const { repository, digest, id } = engineImage

/**
 * What the agent asks a Docker engine, answered over a real socket from a script: the image is there, and its container
 * since `docker compose up`, which is a script as well.
 */
export async function startEngine(directory: string) {
  const socketPath = join(directory, 'docker.sock')
  const up = join(directory, 'up')
  const program = join(directory, 'docker')
  await writeFile(program, `#!/bin/sh\ncase "$*" in *version*) echo 2.40.3 ;; *' up '*) : > ${up} ;; esac\n`)
  await chmod(program, 0o755)

  function answerTo(path: string): unknown {
    if (path === '/version') return { Version: '28.5.2', ApiVersion: '1.51', Arch: architecture, Os: 'linux' }
    const image = /^\/images\/(.+)\/json$/.exec(path)?.[1]
    if (image === `${repository}@${digest}` || image === `${repository}:live`)
      return { Id: id, RepoDigests: [`${repository}@${digest}`], Architecture: architecture, Os: 'linux' }
    if (!existsSync(up)) return path === '/containers/json' ? [] : null
    const labels = { 'com.docker.compose.project': 'web', 'com.docker.compose.service': 'web' }
    if (path === '/containers/json') return [{ Id: 'web-1', Image: repository, Labels: labels }]
    if (path !== '/containers/web-1/json') return null
    return {
      Id: 'web-1',
      Image: id,
      State: { Status: 'running', Running: true, ExitCode: 0, StartedAt: '2026-01-01T00:00:00Z' },
      HostConfig: { RestartPolicy: { Name: 'always' } },
      RestartCount: 0,
      Config: { Labels: labels },
    }
  }

  const server = createServer((request, response) => {
    request.resume()
    const path = decodeURIComponent((request.url ?? '').split('?', 1)[0] ?? '').replace(/^\/v1\.\d+/, '')
    const answer = answerTo(path)
    response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? { message: `No such thing: ${path}` }))
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { socketPath, close }
}
