import type { CreateAutoScalingGroupCommandInput } from '@aws-sdk/client-auto-scaling'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  type CreateTargetGroupCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { healthPath, port } from './machines.ts'
import type { Scene } from './scene.ts'

let lastPort = 20_000 + (process.pid % 1_000) * 20

type TargetGroupOptions = {
  /** Null leaves AWS's default. */
  drainS?: number | null
  listener?: boolean
  settings?: Partial<CreateTargetGroupCommandInput>
}

/** A target group of an Application Load Balancer, with the fastest checks AWS allows and a drain of `drainS`. Returns its ARN. */
export async function targetGroup(
  scene: Scene,
  { drainS = 20, listener = true, settings = {} }: TargetGroupOptions = {},
): Promise<string> {
  const { place } = scene
  const { TargetGroups } = await place.elb.send(
    new CreateTargetGroupCommand({
      Name: scene.name(),
      VpcId: place.vpc,
      Port: port,
      Protocol: 'HTTP',
      HealthCheckPath: healthPath,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      ...settings,
      Tags: [{ Key: 'conformance', Value: place.prefix }],
    }),
  )
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  scene.cleanUp.add(`target group ${TargetGroupArn}`, () =>
    place.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn })),
  )
  if (drainS !== null)
    await place.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(drainS) }],
      }),
    )
  if (!listener) return TargetGroupArn
  const { Listeners } = await place.elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: await loadBalancer(scene, settings.Protocol === 'TCP' ? 'network' : 'application'),
      Protocol: settings.Protocol ?? 'HTTP',
      Port: ++lastPort,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  const ListenerArn = Listeners?.[0]?.ListenerArn
  scene.cleanUp.add(`listener ${ListenerArn}`, () =>
    place.elb.send(new DeleteListenerCommand({ ListenerArn })),
  )
  return TargetGroupArn
}

/** The load balancer that the whole run shares, or one of the scene's own. */
async function loadBalancer(scene: Scene, Type: 'application' | 'network'): Promise<string> {
  const { place } = scene
  if (Type === 'application' && place.loadBalancer !== null) return place.loadBalancer
  const { LoadBalancers } = await place.elb.send(
    new CreateLoadBalancerCommand({ Name: scene.name(), Type, Subnets: [...place.subnets] }),
  )
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  scene.cleanUp.add(`load balancer ${LoadBalancerArn}`, () =>
    place.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })),
  )
  return LoadBalancerArn
}

/** State and reason by instance id: `healthy`, `draining Target.DeregistrationInProgress`. */
export async function health({ place }: Scene, TargetGroupArn: string): Promise<Map<string, string>> {
  const { TargetHealthDescriptions } = await place.elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  )
  return new Map(
    (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => [
      Target?.Id ?? '',
      [TargetHealth?.State, TargetHealth?.Reason].filter(Boolean).join(' '),
    ]),
  )
}

/** Waits for a state of one target, whatever its reason. */
export const targetBecomes = (scene: Scene, arn: string, id = '', state: string, limitS = 300) =>
  scene.until(state, async () => (await health(scene, arn)).get(id)?.startsWith(state) ?? false, limitS)

/** Asks for a path that no machine has. */
export const failChecks = ({ place }: Scene, TargetGroupArn: string) =>
  place.elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckPath: '/missing' }))

/** A group that ends what fails the checks of a target group, and whose one instance has passed them for a minute. */
export async function groupWithElbChecks(
  scene: Scene,
  settings: Partial<CreateAutoScalingGroupCommandInput> = {},
) {
  const arn = await targetGroup(scene)
  const checked = { DesiredCapacity: 1, TargetGroupARNs: [arn], HealthCheckType: 'ELB' }
  const { name, ids } = await scene.group({ ...checked, ...settings })
  await targetBecomes(scene, arn, ids[0], 'healthy')
  await scene.place.advance(60)
  return { arn, name, ids }
}
