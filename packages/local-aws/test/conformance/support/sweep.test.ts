import { CreateAutoScalingGroupCommand, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { describe, expect, test } from 'vitest'
import { alarm } from './alarm.ts'
import { targetGroup } from './balancing.ts'
import { bucket, write } from './bucket.ts'
import { classic } from './classic.ts'
import { localPlace } from './local-place.ts'
import { isOurs, uniqueName } from './names.ts'
import { Scene } from './scene.ts'
import { sweep } from './sweep.ts'

describe('names', () => {
  test('are told from those of others, and fit a target group', () => {
    const name = uniqueName('a-long-prefi')
    expect(name.length).toBeLessThanOrEqual(32)
    expect(isOurs('a-long-prefi', name)).toBe(true)
    expect(isOurs('a', uniqueName('a-long-prefi'))).toBe(false)
    expect(isOurs('web', 'web-cfg-green-1')).toBe(false)
    expect(isOurs('web', undefined)).toBe(false)
  })
})

test('what a killed run has left is taken away, and nothing of anybody else', async () => {
  const place = localPlace()
  const scene = new Scene(place)
  const TargetGroupARNs = [await targetGroup(scene)]
  await scene.group({ DesiredCapacity: 1, TargetGroupARNs })
  await alarm(scene)
  await classic(scene)
  await write(scene, { Bucket: await bucket(scene), Key: 'a' }, 'b')
  const other = {
    AutoScalingGroupName: 'web-blue',
    MinSize: 0,
    MaxSize: 1,
    LaunchTemplate: { LaunchTemplateName: await scene.template() },
    ...place.zones,
  }
  await place.autoScaling.send(new CreateAutoScalingGroupCommand(other))

  const lines = await sweep(place, place.prefix)
  expect(lines.filter((line) => !line.startsWith('Deleted the '))).toEqual([])
  expect(lines).toHaveLength(8)
  await place.advance(120)
  expect(await sweep(place, place.prefix)).toEqual([])
  const { AutoScalingGroups } = await place.autoScaling.send(new DescribeAutoScalingGroupsCommand())
  expect(AutoScalingGroups?.map((one) => one.AutoScalingGroupName)).toEqual(['web-blue'])
  await place.close()
})
