import type { Clock } from '../clock.ts'
import { dockerEnv, type Config } from '../config.ts'
import { credentialHelpers } from '../engine/credential-helper.ts'
import { registryLogins } from '../engine/registry-login.ts'
import type { Counters } from '../metrics/counters.ts'
import type { Cloud } from '../parts.ts'
import { s3BundleSource } from './bundle-source.ts'
import { createClients } from './clients.ts'
import { ecrLayers } from './ecr-layers.ts'
import { describeGroupTags, describeMembership } from './group.ts'
import { lifecycleHooks } from './hooks.ts'
import { s3ReportStore } from './report-store.ts'

/** AWS in one Region, over the SDK. */
export function awsCloud(options: {
  config: Config
  region: string
  clock: Clock
  counters: Counters
}): Cloud {
  const { config, region, clock, counters } = options
  const pathStyle = config.endpointOverride
  const { autoScaling, s3, sts, ecr } = createClients({ region, pathStyle, counters })
  return {
    membership: (instanceId, signal) => describeMembership(autoScaling, instanceId, signal),
    groupTags: (group, signal) => describeGroupTags(autoScaling, group, signal),
    bundles: (store, service) => s3BundleSource({ s3, store, service, clock }),
    hooks: lifecycleHooks(autoScaling, clock),
    reports: s3ReportStore({ s3, sts, clock }),
    layerSizes: ecrLayers({ clock, client: ecr }),
    logins: registryLogins({
      clock,
      dockerConfig: config.dockerConfig,
      client: ecr,
      helpers: credentialHelpers({ clock, env: dockerEnv(config) }),
    }),
  }
}
