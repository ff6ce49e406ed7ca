import type { Operation } from '../wire/operation.ts'

/** Elastic Load Balancing, API version 2015-12-01. */
export const loadBalancingOperations: Record<string, Operation> = {}
