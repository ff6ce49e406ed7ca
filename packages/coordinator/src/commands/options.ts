import type { Release } from '@switchover/contract/tags'

/** What every command knows besides its own flags. */
export type CommonOptions = Readonly<{ service: string; leaseMs: number }>

/** How many canaries: a number, or percent of the live group. */
export type CanarySize = Readonly<{ count: number } | { percent: number }>

export type DeployOptions = CommonOptions &
  Readonly<{
    version: string
    /** Of VERSION@sha256:…: the digest the image must have; else the registry's answer for the tag is taken. */
    expectedDigest?: string | null
    /** A revision, 'latest', or null: the live group's. */
    bundle: string | null
    /** Repository to resolve VERSION in where the service has no bundle. */
    image: string | null
    /** False under --no-digest. */
    digest: boolean
    /** Hosts that may be spoken to over plain HTTP, besides loopback. */
    insecureRegistries: readonly string[]
    /** Directory of Docker's config.json. */
    dockerConfig: string
    desired: number | null
    release: Release
    readiness: 'agent' | 'load-balancer'
    onFailure: 'rollback' | 'hold'
    /** New instances to run beside the whole live group before more is done; null: no canary. */
    canary: CanarySize | null
    bakeMs: number | null
    /** Names of CloudWatch alarms. */
    alarms: readonly string[]
    ignoreAlarms: boolean
    finishAfterMs: number | null
    /** What becomes of policies and scheduled actions; null: what fits, said before it is done. */
    scaling: 'move' | 'swap' | 'none' | null
    finishPrevious: boolean
    timeoutMs: number
    notify: string | null
    /** Print what would be done and change nothing. */
    plan: boolean
  }>

export type RollbackOptions = CommonOptions &
  Readonly<{
    /** New instances to leave in Standby; absent: as the record says, 0 at first. */
    keep?: number
    /** Percent of what is needed that has to serve from the old group before the new one goes; absent: as the record says, 100 at first. */
    floor?: number
  }>

export type FinishOptions = CommonOptions & Readonly<{ ignoreAlarms?: boolean }>

export type ResumeOptions = CommonOptions & Readonly<{ takeOver: boolean }>
