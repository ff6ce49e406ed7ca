import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ECRClient } from '@aws-sdk/client-ecr'
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'

/** The real SDK's clients. One attempt each in this process; the SDK's own retries against an account. */
export type Clients = ReturnType<typeof makeClients>

type Settings = Pick<
  NonNullable<ConstructorParameters<typeof AutoScalingClient>[0]>,
  'region' | 'endpoint' | 'credentials' | 'requestHandler' | 'maxAttempts'
>

export function makeClients(settings: Settings, s3: { forcePathStyle?: boolean } = {}) {
  return {
    autoScaling: new AutoScalingClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    ec2: new EC2Client(settings),
    ecr: new ECRClient(settings),
    elb: new ElasticLoadBalancingV2Client(settings),
    classicElb: new ElasticLoadBalancingClient(settings),
    s3: new S3Client({ ...settings, ...s3 }),
    sts: new STSClient(settings),
  }
}
