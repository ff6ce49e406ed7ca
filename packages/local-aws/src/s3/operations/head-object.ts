import { getObject } from './get-object.ts'

/** As GetObject; the body of an answer to HEAD is left out by who sends it. */
export const headObject = getObject
