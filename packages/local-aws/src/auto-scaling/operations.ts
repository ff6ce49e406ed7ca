import type { Operation } from '../wire/operation.ts'

/** Auto Scaling, API version 2011-01-01. */
export const autoScalingOperations: Record<string, Operation> = {}
