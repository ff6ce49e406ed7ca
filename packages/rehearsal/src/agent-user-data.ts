import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { renderUserData } from '../../../bootstrap/render.ts'
import { switchover } from './switchover-cli.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
const tarball = `${repository}dist/agent/switchover-agent-linux-${arch}.tar.gz`

/**
 * Builds the agent from this checkout, publishes it to the store, and renders the user-data that installs it.
 * @throws {Error} when it cannot be built or published.
 */
export async function agentUserData(options: {
  store: string
  /** Environment of the coordinator. */
  env: Readonly<Record<string, string>>
  /** Environment of the agent, for it to find this AWS. */
  instanceEnv: Readonly<Record<string, string>>
  signal: AbortSignal
}): Promise<string> {
  const { store, env, instanceEnv, signal } = options
  await execa(process.execPath, [`${repository}packages/agent/build.ts`, '--arch', arch], {
    cancelSignal: signal,
  })
  const published = await switchover(['publish', '--agent', tarball, '--store', store], {
    env,
    signal,
    onEvent: () => undefined,
  })
  const result = published.events.at(-1)
  if (published.exitCode !== 0 || result?.event !== 'result') {
    throw new Error(`publish --agent failed: ${result?.text ?? published.stderr}`)
  }
  const { version, sha256 } = result.details as { version: string; sha256: string }
  return renderUserData({
    store,
    agentVersion: version,
    sha256: { [arch]: sha256 },
    environment: instanceEnv,
  })
}
