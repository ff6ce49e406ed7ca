import type { FinalizeRequestMiddleware } from '@smithy/types'
import type { AwsClients } from '../aws/clients.ts'

type Middleware = FinalizeRequestMiddleware<object, object>
type Counted = {
  middlewareStack: {
    add(middleware: Middleware, options: { step: 'finalizeRequest'; priority: 'low' }): void
    remove(middleware: Middleware): boolean
  }
}

/** Services as AWS signs for them. */
const services: Readonly<Record<keyof AwsClients, string>> = {
  autoScaling: 'autoscaling',
  elb: 'elasticloadbalancing',
  classicElb: 'elasticloadbalancing',
  cloudWatch: 'cloudwatch',
  ec2: 'ec2',
  s3: 's3',
  ecr: 'ecr',
}

/**
 * Tells of every request these clients send, the SDK's repetitions included, as `autoscaling EnterStandby`.
 * @returns stops telling
 */
export function countCalls(clients: AwsClients, told: (operation: string) => void): () => void {
  const stops = Object.entries(services).map(([name, service]) => {
    const { middlewareStack } = clients[name as keyof AwsClients] as unknown as Counted
    const middleware: Middleware = (next, context) => (args) => {
      told(`${service} ${(context.commandName ?? 'unknown').replace(/Command$/, '')}`)
      return next(args)
    }
    middlewareStack.add(middleware, { step: 'finalizeRequest', priority: 'low' })
    return () => middlewareStack.remove(middleware)
  })
  return () => {
    for (const stop of stops) stop()
  }
}
