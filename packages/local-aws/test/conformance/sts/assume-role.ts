import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect } from 'vitest'
import { createCloud } from '../../../src/create-cloud.ts'
import { inProcessHandler } from '../../../src/in-process.ts'
import { noMachines } from '../../../src/instances/none.ts'
import { SimulatedClock } from '../../../src/simulated-clock.ts'
import { makeClients } from '../support/clients.ts'
import { operation } from '../support/row.ts'
import type { Scene } from '../support/scene.ts'

const { row } = operation('STS', 'AssumeRole')
const model = 'sts 2011-06-15, AssumeRole'
const role = 'a role that trusts the caller would have to be made in the account'

function assume({ place, cloud }: Scene, DurationSeconds?: number) {
  const RoleArn = `arn:aws:iam::${cloud.account}:role/web`
  return place.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'ops', DurationSeconds }))
}

row(
  { status: 'model', source: model, says: 'a session lasts an hour unless told otherwise', local: role },
  async (scene) => {
    const { Credentials } = await assume(scene)
    expect(Credentials?.Expiration?.getTime()).toBe(scene.place.now() + 3_600_000)
  },
)

row(
  { status: 'model', source: model, says: 'it is from 15 minutes to 12 hours', local: role },
  async (scene) => {
    await assume(scene, 900)
    await assume(scene, 43_200)
    for (const seconds of [899, 43_201])
      expect(await scene.refusal(assume(scene, seconds))).toMatchObject({
        code: 'ValidationError',
        status: 400,
      })
  },
)

/** Clients of a session that is over, in an account where IAM is evaluated. */
async function sessionThatIsOver() {
  const clock = new SimulatedClock()
  const cloud = createCloud({ clock, random: () => 0.5, machines: () => noMachines, policies: { web: [] } })
  const { accessKeyId, secretAccessKey } = cloud.identities.assume('web', 'ops', 900_000)
  await clock.advance(900_000)
  return makeClients({
    region: cloud.region,
    endpoint: 'http://aws.example',
    credentials: { accessKeyId, secretAccessKey },
    requestHandler: inProcessHandler(cloud),
    maxAttempts: 1,
  })
}

row(
  {
    status: 'trace',
    source: 'aws-sdk-go #253, aws-sdk-go-v2 #1674, craftcms/aws-s3 #182, miquella/vaulted #107',
    says: 'a session that is over is told so by each service in its own words',
    local: role,
  },
  async (scene) => {
    const { autoScaling, ec2, ecr, s3, sts } = await sessionThatIsOver()
    const refused = await Promise.all(
      [
        autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
        sts.send(new GetCallerIdentityCommand()),
        ec2.send(new DescribeInstancesCommand({})),
        ecr.send(new GetAuthorizationTokenCommand({})),
        s3.send(new ListBucketsCommand({})),
      ].map(async (call) => scene.refusal(call)),
    )
    const message = 'The security token included in the request is expired'
    expect(refused).toEqual([
      { code: 'ExpiredToken', status: 403, message },
      { code: 'ExpiredToken', status: 403, message },
      { code: 'RequestExpired', status: 400, message: 'Request has expired.' },
      { code: 'ExpiredTokenException', status: 400, message },
      { code: 'ExpiredToken', status: 400, message: 'The provided token has expired.' },
    ])
  },
)
