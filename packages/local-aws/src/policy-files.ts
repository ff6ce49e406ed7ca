import { readFileSync } from 'node:fs'
import type { RolePolicies } from './iam/access.ts'
import { PolicyError, readPolicy } from './iam/policy.ts'

/**
 * Adds the policy of one `ROLE=FILE` to those read before; a role may have several.
 * @throws {PolicyError} one sentence.
 */
export function withPolicyFile(text: string, before: RolePolicies): RolePolicies {
  const [, role, file] = /^([\w+=,.@-]+?)=(.+)$/.exec(text) ?? []
  if (role === undefined || file === undefined) throw new PolicyError(`"${text}" is not written ROLE=FILE.`)
  const policy = readPolicy(readJson(file), file)
  return { ...before, [role]: [...(before[role] ?? []), policy] }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new PolicyError(`The policy ${file} cannot be read: ${(error as Error).message}.`)
  }
}
