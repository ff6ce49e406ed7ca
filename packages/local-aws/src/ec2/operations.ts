import type { Operation } from '../wire/operation.ts'

/**
 * EC2, API version 2016-11-15. Outputs carry the wire's own names (`reservationSet`); the encoder writes the rows of a list as `<item>`.
 */
export const ec2Operations: Record<string, Operation> = {}
