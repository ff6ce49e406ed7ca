import { integer, need, rows } from '../../input.ts'
import { AwsError, type Input, type Operation } from '../../wire/operation.ts'

function targetsOf(input: Input): { id: string; port: number | undefined }[] {
  return rows(input, 'Targets').map((row) => ({ id: need(row, 'Id'), port: integer(row, 'Port') }))
}

/** All or nothing: every target must be a running instance. Repeating it is harmless (ELBv2 API RegisterTargets). */
export const registerTargets: Operation = (cloud, input) => {
  const { loadBalancing } = cloud
  const group = loadBalancing.targetGroup(need(input, 'TargetGroupArn'))
  const targets = targetsOf(input)
  for (const { id, port } of targets) {
    loadBalancing.registrable(id)
    const registered = group.targets.get(id)
    if (registered && registered.port !== (port ?? group.port))
      throw new AwsError('ValidationError', `Target '${id}' cannot have a second port here`)
  }
  for (const { id, port } of targets) loadBalancing.register(group, id, port)
  return {}
}

/** A target that is not registered is no error; one with a port of its own has to be named with it (ELBv2 API DeregisterTargets). */
export const deregisterTargets: Operation = (cloud, input) => {
  const group = cloud.loadBalancing.targetGroup(need(input, 'TargetGroupArn'))
  for (const { id, port } of targetsOf(input)) {
    if (group.targets.get(id)?.port === (port ?? group.port)) cloud.loadBalancing.deregister(group, id)
  }
  return {}
}

/** Not paginated. Instances that are not registered read `unused`, ids that do not exist are refused. */
export const describeTargetHealth: Operation = (cloud, input) => {
  const { loadBalancing, ec2 } = cloud
  const group = loadBalancing.targetGroup(need(input, 'TargetGroupArn'))
  const asked = targetsOf(input)
  const unknown = asked.filter(({ id }) => ec2.stateOf(id) === null)
  if (unknown.length > 0)
    throw new AwsError(
      'InvalidTarget',
      `The following targets are not valid instances: '${unknown.map(({ id }) => id).join("', '")}'`,
    )
  const rest = [...group.targets.values()].map(({ instanceId, port }) => ({ id: instanceId, port }))
  return {
    TargetHealthDescriptions: (asked.length > 0 ? asked : rest).map(({ id, port }) => {
      const targetPort = port ?? group.port
      const { state, reason, description } = loadBalancing.health(group, id, targetPort)
      const checkPort = group.healthCheck.port
      return {
        Target: { Id: id, Port: targetPort },
        HealthCheckPort: checkPort === 'traffic-port' ? String(targetPort) : checkPort,
        TargetHealth: { State: state, Reason: reason, Description: description },
      }
    }),
  }
}
