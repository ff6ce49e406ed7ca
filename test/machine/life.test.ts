import { afterAll, beforeAll } from 'vitest'
import { close, open } from './life/machine.ts'
import './life/agent.ts'
import './life/boot.ts'
import './life/end.ts'

/** Tests in the order of the imports, for a machine takes longer to boot than most of them to run. */
beforeAll(open)
afterAll(close)
