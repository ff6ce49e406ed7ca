import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { s3OperationNames } from '../../src/s3/service.ts'
import { type RunningServer, startServer } from '../../src/server.ts'
import { jsonServices, queryServices } from '../../src/wire/services.ts'
import { createService, type Service } from '../support/service.ts'
import { type Botocore, pythonsWithBotocore, startBotocore } from './process.ts'

const pythons = await pythonsWithBotocore()
if (pythons.length === 0)
  console.warn(
    'Left out: no Python here has botocore, so that it knows all the local AWS answers is not shown.',
  )

/** APIs by botocore's names, and what the local AWS offers of them. */
const offered = {
  autoscaling: namesOf(queryServices.get('autoscaling')?.[0]),
  cloudwatch: namesOf(jsonServices.get('monitoring')),
  ec2: namesOf(queryServices.get('ec2')?.[0]),
  ecr: namesOf(jsonServices.get('ecr')),
  elb: namesOf(queryServices.get('elasticloadbalancing')?.[1]),
  elbv2: namesOf(queryServices.get('elasticloadbalancing')?.[0]),
  s3: s3OperationNames,
  sts: namesOf(queryServices.get('sts')?.[0]),
}

export type Api = keyof typeof offered

function namesOf(api: { operations: ReadonlyMap<string, unknown> } | undefined): string[] {
  return [...(api?.operations.keys() ?? [])]
}

/**
 * Codes that are answered but not in the models: of every service (common errors of the API references), EC2's (its guide,
 * error codes), S3's (API reference, error responses). HEAD has no body, so botocore makes its code of the status.
 */
const unmodelled: Readonly<Record<Api, RegExp>> = {
  autoscaling: /^ValidationError$/,
  cloudwatch: /^ValidationError$/,
  ec2: /^(?:DryRunOperation|MissingParameter|OperationNotPermitted|InvalidParameterCombination|Invalid(?:AMIID|InstanceID|LaunchTemplateName)\.\w+)$/,
  ecr: /^$/,
  elb: /^ValidationError$/,
  elbv2: /^ValidationError$/,
  s3: /^(?:404|BucketNotEmpty|PreconditionFailed)$/,
  sts: /^(?:ValidationError|AccessDenied)$/,
}

/** What AWS has told since early 2023, and botocore 1.29 of Debian 12 does not know. */
const newer = new Set([
  'DescribeAutoScalingGroups.AutoScalingGroups[].TrafficSources[]: the model has no Type',
  'DescribeAlarms.MetricAlarms[]: the model has no StateTransitionedTimestamp',
])

/** A service behind a server, and a botocore that calls it. */
export class Session {
  readonly service: Service
  readonly #server: RunningServer
  readonly #botocore: Botocore
  readonly #done = new Set<string>()

  constructor(service: Service, server: RunningServer, python: string) {
    this.service = service
    this.#server = server
    this.#botocore = startBotocore(python, server.url)
  }

  of(api: Api) {
    return {
      /** Calls an operation that is to succeed. @returns what botocore made of the answer. */
      done: <T extends object>(operation: string, parameters: object = {}) =>
        this.#succeed<T>(api, operation, parameters),
      /** Calls an operation that is to be refused. @returns the code, once it is one that clients know. */
      refused: (operation: string, parameters: object = {}) => this.#fail(api, operation, parameters),
    }
  }

  async #ask(api: Api, operation: string, parameters: object) {
    const { problems, ...answer } = await this.#botocore.call(api, operation, parameters)
    const grave = problems.filter((one) => !newer.has(one))
    expect(grave, `${api} ${operation}`).toEqual([])
    return answer
  }

  async #succeed<T extends object>(api: Api, operation: string, parameters: object): Promise<T> {
    const { output, error } = await this.#ask(api, operation, parameters)
    expect(error, `${api} ${operation}`).toBeUndefined()
    this.#done.add(`${api} ${operation}`)
    return output as T
  }

  async #fail(api: Api, operation: string, parameters: object): Promise<string> {
    const { error } = await this.#ask(api, operation, parameters)
    if (!error) throw new Error(`${api} ${operation} was not refused.`)
    if (error.modelled === null) expect(error.code).toMatch(unmodelled[api])
    else expect(error.status, `${operation} ${error.code}`).toBe(error.modelled)
    expect(error.message).not.toBe('')
    return error.code
  }

  notDone(api: Api): string[] {
    return offered[api].filter((name) => !this.#done.has(`${api} ${name}`))
  }

  async close(): Promise<void> {
    await this.#botocore.close()
    await this.#server.close()
  }
}

/** Tests with every botocore there is; they run in their order, and in the end all that `apis` offer has been called. */
export function describeWithBotocore(apis: readonly Api[], tests: (session: () => Session) => void): void {
  describe.skipIf(pythons.length === 0).each(pythons)('botocore $version reads', ({ python }) => {
    let session: Session
    beforeAll(async () => {
      const service = await createService()
      session = new Session(service, await startServer(service.cloud, { host: '127.0.0.1', port: 0 }), python)
    })
    afterAll(() => session.close())
    tests(() => session)
    test.each(apis)('every operation offered of %s', (api) => expect(session.notDone(api)).toEqual([]))
  })
}
