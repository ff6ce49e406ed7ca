import { text } from '../../input.ts'
import { permission, type Permissions } from './permission.ts'

/** GetCallerIdentity needs none (API reference). */
export const stsPermissions: Permissions = {
  AssumeRole: (_, input) => [permission('sts:AssumeRole', text(input, 'RoleArn') ?? '*')],
  GetCallerIdentity: () => [],
}
