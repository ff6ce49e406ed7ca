import type { Reason } from '@switchover/contract/report'
import { retryable, terminal } from './reason.ts'

export type PullFailure = {
  reason: Reason
  /** Failures in a row after which it is terminal; null for never. */
  terminalAfter: number | null
  /** Whether the registry's token must be fetched anew. */
  login: boolean
}

type Row = { pattern: RegExp; make: (source: string, detail: string) => PullFailure }

const heals = (reason: Reason, login = false): PullFailure => ({ reason, terminalAfter: null, login })

/**
 * First match wins. Texts: distribution's error codes as dockerd 20.10 to 28 passes them on, with its own store and with
 * containerd's, and ECR's.
 */
const rows: readonly Row[] = [
  {
    pattern:
      /no match(ing manifest)? for|does not (match|provide) the (specified|detected) platform|cannot be used on this platform/i,
    make: (source, detail) => ({
      reason: terminal('wrong-architecture', `Image ${source} is not built for this machine: ${detail}`),
      terminalAfter: 1,
      login: false,
    }),
  },
  {
    pattern: /no basic auth credentials|token (has )?expired|authentication required|unauthorized/i,
    make: (source, detail) =>
      heals(
        retryable('registry-login', `The registry does not take the login for ${source}: ${detail}`),
        true,
      ),
  },
  {
    // A role's policy needs some seconds to be known everywhere, so one refusal is no proof.
    pattern: /denied|forbidden/i,
    make: (source, detail) => ({
      reason: retryable('image-denied', `The registry refuses ${source}: ${detail}`),
      terminalAfter: 3,
      login: true,
    }),
  },
  {
    pattern:
      /manifest unknown|manifest for .* not found|name unknown|name not known|repository .* not found|failed to resolve reference .*: not found/i,
    make: (source) => ({
      reason: terminal('image-not-found', `The registry has no image ${source}.`),
      terminalAfter: 1,
      login: false,
    }),
  },
  {
    // An engine that keeps the manifest of an earlier pull asks for what it names alone.
    pattern: /unknown blob|blob unknown|content at \S+ not found/i,
    make: (source, detail) => ({
      reason: retryable('image-not-found', `The registry has not all of image ${source}: ${detail}`),
      terminalAfter: 3,
      login: false,
    }),
  },
  {
    pattern: /encountered remote ".*"\(.*\) when fetching|unsupported manifest media type|schema 1 support/i,
    make: (source, detail) => ({
      reason: terminal('image-unsupported', `The engine cannot run what ${source} is: ${detail}`),
      terminalAfter: 1,
      login: false,
    }),
  },
  {
    pattern: /no space left|disk quota/i,
    make: (source, detail) => heals(retryable('disk-full', `No room for image ${source}: ${detail}`)),
  },
  {
    pattern: /toomanyrequests|too many requests|rate exceeded|throttl/i,
    make: (source, detail) =>
      heals(retryable('registry-throttled', `The registry slows ${source} down: ${detail}`)),
  },
]

export function classifyPullFailure(source: string, detail: string): PullFailure {
  const row = rows.find(({ pattern }) => pattern.test(detail))
  return row
    ? row.make(source, detail)
    : heals(retryable('pull-failed', `Pulling ${source} failed: ${detail}`))
}
