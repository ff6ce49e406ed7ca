import { parseImage } from '@switchover/contract/image'
import type { Cloud } from '../../cloud.ts'
import { registryHost } from '../../ecr/repositories.ts'
import { autoScalingPermissions } from '../../iam/permissions/auto-scaling.ts'
import { ecrPermissions } from '../../iam/permissions/ecr.ts'
import type { Permissions } from '../../iam/permissions/permission.ts'
import { s3Permissions } from '../../iam/permissions/s3.ts'
import { authorize } from '../../wire/authorize.ts'
import { AwsError, type Caller, type Input } from '../../wire/operation.ts'
import type { MachineSpec } from '../kind.ts'

/**
 * Asked before each call of a virtual agent, since those go past the wire: what a real agent would be refused, this one is,
 * too. An instance without a role has no credentials, and is asked nothing. Each method throws the AwsError that AWS answers.
 */
export class AgentRights {
  readonly #cloud: Cloud
  readonly #caller: Caller | null

  constructor(cloud: Cloud, { instanceId, role }: Pick<MachineSpec, 'instanceId' | 'role'>) {
    this.#cloud = cloud
    this.#caller = role === null ? null : cloud.identities.instance(instanceId, role)
  }

  readGroup(): void {
    this.#require(autoScalingPermissions, ['DescribeAutoScalingInstances', 'DescribeAutoScalingGroups'])
  }

  answerHook(group: string, operation: 'CompleteLifecycleAction' | 'RecordLifecycleActionHeartbeat'): void {
    const input = { AutoScalingGroupName: group }
    this.#require(autoScalingPermissions, ['DescribeLifecycleHooks', operation], input)
  }

  /** @param repository as an image reference names it; what lies outside the account's ECR needs no permission. */
  pull(repository: string): void {
    const { registry, path: repositoryName } = parseImage(repository)
    if (registry !== registryHost(this.#cloud)) return
    this.#require(ecrPermissions, ['GetAuthorizationToken', 'BatchGetImage', 'GetDownloadUrlForLayer'], {
      repositoryName,
    })
  }

  object(operation: 'GetObject' | 'PutObject', bucket: string, key: string): void {
    if (!this.#caller) return
    const request = { bucket, key, query: new URLSearchParams(), headers: {} }
    this.#cloud.access.require(this.#caller, s3Permissions(operation, request) ?? [])
  }

  #require(permissions: Permissions, operations: readonly string[], input: Input = {}): void {
    if (!this.#caller) return
    for (const operation of operations) authorize(this.#cloud, permissions, operation, input, this.#caller)
  }
}

/** The error of AWS that `call` ends with, or null. */
export function refusalOf(call: () => void): AwsError | null {
  try {
    call()
    return null
  } catch (error) {
    if (error instanceof AwsError) return error
    throw error
  }
}
