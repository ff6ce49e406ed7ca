import type { Cloud } from '@switchover/local-aws/cloud'
import type { RolePolicies } from '@switchover/local-aws/iam/access'
import { readPolicy } from '@switchover/local-aws/iam/policy'
import type { RoleCredentials } from '@switchover/local-aws/sts/identities'
import { renderPolicy } from '@switchover/bootstrap/policies'
import { instanceProfile, place, service, store } from './account.ts'

const coordinatorRole = 'web-coordinator'

/** The policies that are shipped for the two roles, filled in for the rehearsal's service: what they refuse, AWS would. */
export function rolePolicies(): RolePolicies {
  const options = { ...place, service, store, repository: service }
  return {
    [instanceProfile]: [readPolicy(renderPolicy('instance-role', options), 'instance-role.json')],
    [coordinatorRole]: [readPolicy(renderPolicy('coordinator-role', options), 'coordinator-role.json')],
  }
}

/** A session of the coordinator's role, long enough for any rehearsal. */
export function coordinatorSession(cloud: Pick<Cloud, 'identities'>): RoleCredentials {
  return cloud.identities.assume(coordinatorRole, 'rehearsal', 12 * 3_600_000)
}
