/**
 * Whether what a group's next launch would pull is there. `unknown`: nobody could be asked, or nothing says what to ask
 * for; that is no failure.
 */
export type ImagesState = Readonly<
  { state: 'present' } | { state: 'missing'; sentence: string } | { state: 'unknown'; sentence: string }
>
