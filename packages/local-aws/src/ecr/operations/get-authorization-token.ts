import type { Operation } from '../../wire/operation.ts'
import { registryHost } from '../repositories.ts'

export const getAuthorizationToken: Operation = (cloud, _input, caller) => {
  const { token, expiresAt } = cloud.registryTokens.issue(caller)
  return {
    authorizationData: [
      {
        authorizationToken: Buffer.from(`AWS:${token}`).toString('base64'),
        expiresAt: new Date(expiresAt),
        proxyEndpoint: `https://${registryHost(cloud)}`,
      },
    ],
  }
}
