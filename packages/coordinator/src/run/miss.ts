/** The world is not as a step assumes: found by a guard of our own, or in what AWS answered about a part of it. */
export class Miss extends Error {
  override readonly name = 'Miss'
}
