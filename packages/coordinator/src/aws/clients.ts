import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ECRClient } from '@aws-sdk/client-ecr'
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { loadConfig } from '@smithy/core/config'
import { NODE_RETRY_MODE_CONFIG_OPTIONS } from '@smithy/core/retry'
import { version } from '@switchover/contract/version'
import { readXmlLean } from './lean-xml.ts'

// Once, for all clients of this process.
readXmlLean()

export type AwsClients = {
  autoScaling: AutoScalingClient
  elb: ElasticLoadBalancingV2Client
  classicElb: ElasticLoadBalancingClient
  cloudWatch: CloudWatchClient
  ec2: EC2Client
  s3: S3Client
  ecr: ECRClient
}

type TransportSetting =
  | 'requestHandler'
  | 'credentials'
  | 'signerConstructor'
  | 'maxAttempts'
  | 'retryMode'
  | 'defaultsMode'
  | 'useFipsEndpoint'
  | 'useDualstackEndpoint'
  | 'userAgentAppId'
  | 'cacheMiddleware'

export type ClientSettings = {
  region?: string | undefined
  profile?: string | undefined
  /** Another way to carry requests, for a caller that has the far end in its own process. */
  transport?: Partial<Pick<S3ClientConfig, TransportSetting>> | undefined
}

/** A connection that says nothing for so long is given up; the SDK then tries again. Milliseconds. */
const timeouts = { connectionTimeout: 5_000, socketTimeout: 30_000 }

/**
 * Clients with the SDK's standard settings: endpoints, region, profile, credentials and retries come from where the SDK
 * finds them (environment, shared config), so that any AWS-compatible endpoint will do. Where nobody chose a retry mode it
 * is `adaptive`: a client that was throttled sends more slowly from then on.
 */
export function createClients({ region, profile, transport }: ClientSettings): AwsClients {
  const settings = {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    customUserAgent: `switchover/${version}`,
    requestHandler: timeouts,
    retryMode: loadConfig(
      { ...NODE_RETRY_MODE_CONFIG_OPTIONS, default: 'adaptive' },
      profile === undefined ? {} : { profile },
    ),
    ...transport,
  }
  const clients: AwsClients = {
    autoScaling: new AutoScalingClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    classicElb: new ElasticLoadBalancingClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    ec2: new EC2Client(settings),
    s3: withPathStyleAtOverride(new S3Client(settings)),
    ecr: new ECRClient(settings),
  }
  // It copies every answer for a logger nobody set: for a large fleet that is felt.
  for (const { middlewareStack } of Object.values<WithMiddleware>(clients))
    middlewareStack.remove('loggerMiddleware')
  return clients
}

type WithMiddleware = { middlewareStack: { remove(name: string): boolean } }

/** An endpoint override names one host, and BUCKET.host rarely resolves: the bucket goes into the path there. */
function withPathStyleAtOverride(s3: S3Client): S3Client {
  const resolve = s3.config.endpointProvider
  s3.config.endpointProvider = (parameters, context) =>
    resolve(
      { ...parameters, ForcePathStyle: parameters.Endpoint !== undefined || parameters.ForcePathStyle },
      context,
    )
  return s3
}
