/** Something a run needs of this machine: there, or one sentence why it cannot be had. */
export type Available<T> = Readonly<{ ok: true; value: T }> | Readonly<{ ok: false; why: string }>

/** How far a run may go to get what it needs. */
export type SetUp = Readonly<{
  /** Whether packages may be installed and daemons started. */
  install: boolean
  /** Tells people what is about to be done. */
  say: (sentence: string) => void
}>
