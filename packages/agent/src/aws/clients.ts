import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { ECRClient, type ECRClientConfig } from '@aws-sdk/client-ecr'
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { fromInstanceMetadata } from '@aws-sdk/credential-providers'
import { countedCalls } from '../metrics/counted-calls.ts'
import type { Counters } from '../metrics/counters.ts'
import { version as agentVersion } from '@switchover/contract/version'

export type AwsClients = {
  autoScaling: AutoScalingClient
  s3: S3Client
  sts: STSClient
  ecr: (config: ECRClientConfig) => ECRClient
}

/**
 * SDK clients with the instance role's credentials. The provider is named here and not left to the default chain, which
 * hides why it found none, and is held to IMDSv2: by itself it falls back to version 1 after a slow first answer.
 */
export function createClients(options: {
  region: string
  pathStyle: boolean
  counters: Counters
}): AwsClients {
  const { counters } = options
  const common = {
    region: options.region,
    maxAttempts: 3,
    customUserAgent: [['switchover-agent', agentVersion] as [string, string]],
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
  }
  const own = fromInstanceMetadata({ timeout: 2_000, maxRetries: 3, ec2MetadataV1Disabled: true })
  const autoScaling = new AutoScalingClient({ ...common, credentials: own })
  // What a client holds, the others need not ask for again.
  const shared = { ...common, credentials: autoScaling.config.credentials }
  return {
    autoScaling: countedCalls(autoScaling, counters),
    s3: countedCalls(new S3Client({ ...shared, forcePathStyle: options.pathStyle }), counters),
    sts: countedCalls(new STSClient(shared), counters),
    ecr: (config) => countedCalls(new ECRClient({ ...shared, ...config }), counters),
  }
}
