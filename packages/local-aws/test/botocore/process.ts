import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const script = fileURLToPath(new URL('calls.py', import.meta.url))

type Refusal = Readonly<{
  code: string
  message: string
  status: number
  /** The HTTP status that botocore's model of the operation gives the code, null where it does not know the code. */
  modelled: number | null
}>

type Answer = Readonly<{
  output?: object
  error?: Refusal
  /** What the model does not allow of the raw answer, one sentence each. */
  problems: readonly string[]
}>

/** botocore in a process of its own, one call at a time. */
export type Botocore = Readonly<{
  call(service: string, operation: string, parameters: object): Promise<Answer>
  close(): Promise<void>
}>

/**
 * The Pythons here that have botocore, one for each version of it: the path's own and the distribution's. Their models differ by
 * years: the older speaks the query protocol with CloudWatch, the newer JSON.
 */
export async function pythonsWithBotocore(): Promise<{ python: string; version: string }[]> {
  const found = new Map<string, string>()
  for (const python of ['python3', '/usr/bin/python3']) {
    const code = 'import sys, botocore; print(botocore.__version__, sys.executable)'
    const { exitCode, stdout } = await execa(python, ['-c', code], { reject: false })
    const [version = '', executable = ''] = stdout.split(' ')
    if (exitCode === 0 && !found.has(version)) found.set(version, executable)
  }
  return [...found].map(([version, python]) => ({ python, version }))
}

export function startBotocore(python: string, endpoint: string): Botocore {
  const child = spawn(python, ['-B', script, endpoint], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'ops',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async call(service, operation, parameters) {
      child.stdin.write(`${JSON.stringify({ service, operation, parameters })}\n`)
      const line = await lines.next()
      if (line.done) throw new Error(`botocore ended at ${service} ${operation}; what it said is above.`)
      return JSON.parse(line.value) as Answer
    },
    async close() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
