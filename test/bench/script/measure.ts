import { fileURLToPath } from 'node:url'
import { groupNames } from '@switchover/rehearsal/account'
import { openAccount, type Account } from '../account.ts'
import { deploy, jobOf, measureJob, type Job } from '../fleet/measure.ts'
import type { Figures } from '../fleet/targets.ts'
import { Watch } from '../fleet/watch.ts'
import { measuredScript } from './process.ts'

/** The same deployment twice, each in an account of its own. */
export type Contest = Readonly<{ switchover: Figures; script: Figures }>

const script = fileURLToPath(new URL('deploy.sh', import.meta.url))

/** @param cli the coordinator as it ships */
export async function measureContest(cli: string, instances: number): Promise<Contest> {
  const switchover = await measureOne(instances, (account) => jobOf(cli, account, deploy))
  return { switchover, script: await measureOne(instances, scriptJob) }
}

async function measureOne(instances: number, job: (account: Account) => Job): Promise<Figures> {
  await using account = await openAccount(instances)
  using watch = new Watch(account.cloud, account.targetGroupArn)
  return await measureJob(account, watch, job(account), instances)
}

function scriptJob({ env, cloud, targetGroupArn }: Account): Job {
  // Nothing of who runs this may change what the CLI does.
  const own = {
    AWS_DEFAULT_REGION: cloud.region,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
  return {
    ...deploy,
    name: 'deploy by the script',
    run: (signal) =>
      measuredScript(script, [...groupNames, 'v2', targetGroupArn], { ...env, ...own }, signal),
  }
}
