import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect } from 'vitest'
import { operation } from '../support/row.ts'

const { row } = operation('STS', 'GetCallerIdentity')

row(
  {
    status: 'model',
    source: 'sts 2011-06-15, GetCallerIdentity',
    says: 'tells the account, the principal and its unique id',
  },
  async (scene) => {
    const who = await scene.place.sts.send(new GetCallerIdentityCommand())
    expect(who.Account).toMatch(/^\d{12}$/)
    expect(who.Arn).toMatch(new RegExp(`^arn:aws(?:-[a-z]+)*:(?:iam|sts)::${who.Account}:`))
    expect(who.UserId).toMatch(/^(?:AIDA|AROA|\d{12})/)
  },
)

row(
  {
    status: 'documented',
    source: 'IAM user guide, reference_policies_variables',
    says: 'of an instance the id is that of its role and its own, and so is the end of the ARN',
    local: "an instance's credentials are had on it alone",
  },
  async (scene) => {
    const { identities, account, region } = scene.cloud
    const id = 'i-0123456789abcdef0'
    const { accessKeyId, secretAccessKey, token } = identities.issue(id, 'web')
    const sts = new STSClient({
      region,
      endpoint: 'http://aws.example',
      requestHandler: scene.place.sts.config.requestHandler,
      credentials: { accessKeyId, secretAccessKey, sessionToken: token },
    })
    const who = await sts.send(new GetCallerIdentityCommand())
    expect(who.UserId).toMatch(new RegExp(`^AROA[A-Z0-9]{17}:${id}$`))
    expect(who.Arn).toBe(`arn:aws:sts::${account}:assumed-role/web/${id}`)
  },
)
