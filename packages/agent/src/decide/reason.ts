import type { Reason } from '@switchover/contract/report'

const sentenceMax = 2_000

/** Something that can heal by itself or by someone's hand; it is tried again for ever. */
export function retryable(code: string, sentence: string): Reason {
  return { code, sentence: sentence.slice(0, sentenceMax), kind: 'retryable' }
}

/** Something that will be the same at the next try. */
export function terminal(code: string, sentence: string): Reason {
  return { code, sentence: sentence.slice(0, sentenceMax), kind: 'terminal' }
}
