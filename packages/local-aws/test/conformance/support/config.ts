import { readTarget, type Target } from './target.ts'

/** The environment, read in this one place. @throws {Refusal} */
export const targetOfThisRun = (): Target => readTarget(process.env)
