import type { Cloud } from '../../cloud.ts'
import { text, texts } from '../../input.ts'
import { permission, type Permissions } from './permission.ts'

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export const cloudWatchPermissions: Permissions = {
  DescribeAlarms: (cloud) => [permission('cloudwatch:DescribeAlarms', alarm(cloud, '*'))],
  PutMetricAlarm: (cloud, input) => {
    const actions = ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap((name) =>
      texts(input, name),
    )
    const keys = actions.length === 0 ? {} : { 'cloudwatch:AlarmActions': actions }
    return [permission('cloudwatch:PutMetricAlarm', alarm(cloud, text(input, 'AlarmName')), keys)]
  },
  DeleteAlarms: (cloud, input) =>
    texts(input, 'AlarmNames').map((name) => permission('cloudwatch:DeleteAlarms', alarm(cloud, name))),
  SetAlarmState: (cloud, input) => [
    permission('cloudwatch:SetAlarmState', alarm(cloud, text(input, 'AlarmName'))),
  ],
}

function alarm({ region, account }: Cloud, name = '*'): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`
}
