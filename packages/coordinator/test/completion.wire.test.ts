import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2'
import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { execa } from 'execa'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tagKey } from '@switchover/contract/tags'
import { closeCloud, createCloud } from '@switchover/local-aws/create-cloud'
import { RealClock } from '@switchover/local-aws/real-clock'
import { startServer } from '@switchover/local-aws/server'
import { goodMachines } from './support/web-service.ts'

const cli = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' }

describe('completion in a shell', () => {
  let env: Record<string, string>
  let end: () => Promise<void>

  beforeAll(async () => {
    const cloud = createCloud({
      clock: new RealClock(),
      random: Math.random,
      machines: () => goodMachines,
    })
    const server = await startServer(cloud, { host: '127.0.0.1', port: 0 })
    end = async () => {
      await server.close()
      await closeCloud(cloud)
    }
    env = {
      AWS_ENDPOINT_URL: server.url,
      AWS_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    }
    const settings = { endpoint: server.url, region: cloud.region, credentials }
    await createGroups(settings, ['web', 'worker', 'api'])
  })
  afterAll(() => end())

  /** The words offered for a line, whose last word is the one being typed. */
  async function offered(...words: string[]): Promise<string[]> {
    const { stdout, exitCode } = await execa(process.execPath, [cli, 'complete', '--', ...words], { env })
    expect(exitCode).toBe(0)
    const lines = stdout.split('\n').filter((line) => line !== '' && !/^:\d+$/.test(line))
    return lines.map((line) => line.split('\t')[0] ?? '')
  }

  test('offers commands, flags and the words a flag takes', async () => {
    expect(await offered('roll')).toEqual(['rollback'])
    expect(await offered('deploy', 'web', 'v2', '--sc')).toEqual(['--scaling'])
    expect(await offered('deploy', 'web', 'v2', '--scaling', '')).toEqual(['move', 'swap', 'none'])
  })

  test('offers the names of services where one is due, and nowhere else', async () => {
    // A machine that stalls lets the time run out in which a shell wants them.
    await expect.poll(() => offered('rollback', 'w')).toEqual(['web', 'worker'])
    const everything = () => offered('status', '--region', env['AWS_REGION'] ?? '', '')
    await expect.poll(everything).toEqual(['api', 'web', 'worker'])
    expect(await offered('deploy', 'web', '')).toEqual([])
  })

  test('stays silent where AWS cannot be asked', async () => {
    const away = { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }
    const line = [cli, 'complete', '--', 'rollback', '']
    const { stdout, stderr, exitCode } = await execa(process.execPath, line, { env: away })
    expect([exitCode, stderr, stdout]).toEqual([0, '', ':4'])
  })

  test.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { stdout } = await execa(process.execPath, [cli, 'completion', shell])
    expect(stdout).toContain('switchover complete --')
    if (shell === 'bash') await execa('bash', ['-n'], { input: stdout })
  })
})

async function createGroups(
  settings: { endpoint: string; region: string; credentials: typeof credentials },
  services: readonly string[],
): Promise<void> {
  const template = { ImageId: 'ami-12345678', InstanceType: 't3.nano' as const }
  await new EC2Client(settings).send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: 'any', LaunchTemplateData: template }),
  )
  const autoScaling = new AutoScalingClient(settings)
  for (const service of services) {
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: `${service}-blue`,
        MinSize: 0,
        MaxSize: 0,
        AvailabilityZones: [`${settings.region}a`],
        LaunchTemplate: { LaunchTemplateName: 'any' },
        Tags: [{ Key: tagKey.service, Value: service, PropagateAtLaunch: true }],
      }),
    )
  }
}
