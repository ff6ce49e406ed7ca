import { Refusal } from '../events.ts'

/** One reason not to begin. `person`: the state is not ours to choose about (exit 4); else it cannot be done as asked (exit 2). */
export type Problem = Readonly<{ sentence: string; person: boolean; next: string | null }>

export function problem(sentence: string, next: string | null = null): Problem {
  return { sentence, person: false, next }
}

export function forPerson(sentence: string, next: string | null = null): Problem {
  return { sentence, person: true, next }
}

/** All problems as one refusal, one sentence a line; the exit code is 4 where a person must decide about any of them. */
export function refusalOfAll(problems: readonly Problem[]): Refusal {
  const exitCode = problems.some(({ person }) => person) ? 4 : 2
  const sentences = problems.map(({ sentence }) => sentence)
  const next = problems.find((one) => one.next !== null)?.next ?? null
  return new Refusal(exitCode, 'refused', [...new Set(sentences)].join('\n'), next)
}

/** The value of `work`, or null with its refusal collected: so that one run names everything that is wrong. */
export async function collecting<T>(problems: Problem[], work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Refusal) || error.exitCode === 1) throw error
    problems.push({ sentence: error.message, person: error.exitCode === 4, next: error.next })
    return null
  }
}
