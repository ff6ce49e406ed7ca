import type { Event } from '@switchover/contract/event'

/** One line a happening, with the seconds since the rehearsal began. */
export type Narrator = { say: (text: string) => void; heading: (text: string) => void }

export function createNarrator(write: (line: string) => void, now: () => number): Narrator {
  const startedAt = now()
  const stamp = (): string => `${((now() - startedAt) / 1_000).toFixed(1)}s`.padStart(7)
  return {
    say: (text) => write(`${stamp()}  ${text}`),
    heading: (text) => write(`\n${stamp()}  ▶ ${text}`),
  }
}

/** What is waited for is said once, not at every look. */
export function narration({ say }: Narrator): (event: Event) => void {
  let waited = ''
  return (event) => {
    if (event.event === 'wait' && event.text === waited) return
    if (event.event === 'wait') waited = event.text
    say(event.text)
  }
}
