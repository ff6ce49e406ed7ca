import {
  DeleteAutoScalingGroupCommand,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling'
import { DeleteAlarmsCommand, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch'
import {
  DeleteLaunchTemplateCommand,
  paginateDescribeInstances,
  paginateDescribeLaunchTemplates,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import {
  DeleteLoadBalancerCommand as DeleteClassicCommand,
  paginateDescribeLoadBalancers as paginateClassic,
} from '@aws-sdk/client-elastic-load-balancing'
import {
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { deleteBucket } from './bucket.ts'
import type { Clients } from './clients.ts'
import { isOurs } from './names.ts'

type Kind = {
  what: string
  /** Names or ids of what a run with this prefix has made. */
  find: (clients: Clients, prefix: string) => Promise<(string | undefined)[]>
  end: (clients: Clients, id: string) => Promise<unknown>
}

async function all<Page>(pages: AsyncIterable<Page>): Promise<Page[]> {
  const list: Page[] = []
  for await (const page of pages) list.push(page)
  return list
}

const tagged = (prefix: string) => [{ Name: 'tag:conformance', Values: [prefix] }]

/** In the order in which they let go of each other. What can carry a tag is found by it, the rest by the form of its name. */
const kinds: Kind[] = [
  {
    what: 'group',
    async find({ autoScaling: client }, prefix) {
      const pages = await all(paginateDescribeAutoScalingGroups({ client }, { Filters: tagged(prefix) }))
      const groups = pages.flatMap((page) => page.AutoScalingGroups ?? [])
      return groups.filter((one) => !one.Status).map((one) => one.AutoScalingGroupName)
    },
    end: ({ autoScaling }, AutoScalingGroupName) =>
      autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete: true })),
  },
  {
    what: 'instance',
    async find({ ec2: client }, prefix) {
      const alive = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] }
      const input = { Filters: [...tagged(prefix), alive] }
      const pages = await all(paginateDescribeInstances({ client }, input))
      return pages
        .flatMap((page) => page.Reservations ?? [])
        .flatMap((one) => one.Instances ?? [])
        .map((one) => one.InstanceId)
    },
    end: ({ ec2 }, id) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
  },
  {
    what: 'load balancer',
    async find({ elb: client }, prefix) {
      const pages = await all(paginateDescribeLoadBalancers({ client }, {}))
      const ours = pages.flatMap((page) => page.LoadBalancers ?? [])
      return ours.filter((one) => isOurs(prefix, one.LoadBalancerName)).map((one) => one.LoadBalancerArn)
    },
    end: ({ elb }, LoadBalancerArn) => elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })),
  },
  {
    what: 'target group',
    async find({ elb: client }, prefix) {
      const pages = await all(paginateDescribeTargetGroups({ client }, {}))
      const ours = pages.flatMap((page) => page.TargetGroups ?? [])
      return ours.filter((one) => isOurs(prefix, one.TargetGroupName)).map((one) => one.TargetGroupArn)
    },
    end: ({ elb }, TargetGroupArn) => elb.send(new DeleteTargetGroupCommand({ TargetGroupArn })),
  },
  {
    what: 'classic load balancer',
    async find({ classicElb: client }, prefix) {
      const pages = await all(paginateClassic({ client }, {}))
      const names = pages
        .flatMap((page) => page.LoadBalancerDescriptions ?? [])
        .map((one) => one.LoadBalancerName)
      return names.filter((name) => isOurs(prefix, name))
    },
    end: ({ classicElb }, LoadBalancerName) =>
      classicElb.send(new DeleteClassicCommand({ LoadBalancerName })),
  },
  {
    what: 'launch template',
    async find({ ec2: client }, prefix) {
      const pages = await all(paginateDescribeLaunchTemplates({ client }, { Filters: tagged(prefix) }))
      return pages.flatMap((page) => page.LaunchTemplates ?? []).map((one) => one.LaunchTemplateId)
    },
    end: ({ ec2 }, LaunchTemplateId) => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId })),
  },
  {
    what: 'alarm',
    async find({ cloudWatch: client }, prefix) {
      const pages = await all(paginateDescribeAlarms({ client }, { AlarmNamePrefix: `${prefix}-cf` }))
      const names = pages.flatMap((page) => page.MetricAlarms ?? []).map((one) => one.AlarmName)
      return names.filter((name) => isOurs(prefix, name))
    },
    end: ({ cloudWatch }, name) => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] })),
  },
  {
    what: 'bucket',
    async find({ s3 }, prefix) {
      const names = ((await s3.send(new ListBucketsCommand())).Buckets ?? []).map((one) => one.Name)
      return names.filter((name) => isOurs(prefix, name))
    },
    end: ({ s3 }, name) => deleteBucket(s3, name),
  },
]

/**
 * Takes away what runs with this prefix have left behind, this one or one that was killed.
 * @returns a line for each thing, that is gone now or why it is not.
 */
export async function sweep(clients: Clients, prefix: string): Promise<string[]> {
  const lines: string[] = []
  for (const { what, find, end } of kinds)
    for (const id of (await find(clients, prefix)).filter((one) => one !== undefined))
      lines.push(
        await end(clients, id).then(
          () => `Deleted the ${what} ${id}.`,
          (error: Error) => `The ${what} ${id} is left: ${error.message}`,
        ),
      )
  return lines
}
