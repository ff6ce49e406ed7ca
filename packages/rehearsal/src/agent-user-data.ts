import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { renderUserData } from '@switchover/bootstrap/render'
import { switchover } from './switchover-cli.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const builder = `${repository}packages/agent/build.ts`
const arch = process.arch === 'arm64' ? 'arm64' : 'x64'

/** Whether this runs in a checkout, which has the agent's source. */
export const canBuildAgent: boolean = existsSync(builder)

/**
 * Builds the agent from this checkout.
 * @returns the path of its tarball
 * @throws {Error} when it cannot be built.
 */
export async function buildAgent(signal: AbortSignal): Promise<string> {
  await execa(process.execPath, [builder, '--arch', arch], { cancelSignal: signal })
  return `${repository}dist/agent/switchover-agent-linux-${arch}.tar.gz`
}

/**
 * Publishes an agent to the store, and renders the user-data that installs it.
 * @throws {Error} when it cannot be published.
 */
export async function agentUserData(options: {
  tarball: string
  store: string
  /** Environment of the coordinator. */
  env: Readonly<Record<string, string>>
  /** Environment of the agent, for it to find this AWS. */
  instanceEnv: Readonly<Record<string, string>>
  signal: AbortSignal
}): Promise<string> {
  const { tarball, store, env, instanceEnv, signal } = options
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
