import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { expect } from 'vitest'
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
