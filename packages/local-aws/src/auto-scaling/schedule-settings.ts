import { integer, moment, text } from '../input.ts'
import { AwsError, type Input } from '../wire/operation.ts'
import { nextRun, type Recurrence, type Schedule, type Sizes } from './schedules.ts'

/** What a PutScheduledUpdateGroupAction asks for. @throws {AwsError} ValidationError, worded as AWS does. */
export function readSchedule(
  input: Input,
  now: number,
): Pick<Schedule, 'startAt' | 'endAt' | 'recurrence' | 'sizes'> {
  const start = moment(input, 'StartTime')
  const endAt = moment(input, 'EndTime') ?? null
  const recurrence = readRecurrence(input)
  if (start !== undefined && start < now) throw invalid('Given start time is in the past')
  if (endAt !== null && endAt < now) throw invalid('Given end time is in the past')
  if (start !== undefined && endAt !== null && endAt <= start)
    throw invalid('Given end time must be after start time')
  const sizes = readSizes(input)
  const startAt = start ?? firstRun(recurrence, now)
  return { startAt, endAt, recurrence, sizes }
}

function firstRun(recurrence: Recurrence | null, now: number): number {
  if (!recurrence)
    throw invalid('Scheduled start time must be specified for non-recurrent future group action')
  const first = nextRun(recurrence, now)
  if (first === null) throw invalid(`Given recurrence string: ${recurrence.cron} is invalid`)
  return first
}

function readRecurrence(input: Input): Recurrence | null {
  const cron = text(input, 'Recurrence')
  const timeZone = text(input, 'TimeZone') ?? null
  if (!cron) {
    if (timeZone !== null) throw invalid('A time zone can only be specified together with a recurrence')
    return null
  }
  if (timeZone !== null && !isTimeZone(timeZone)) throw invalid(`Given time zone: ${timeZone} is invalid`)
  try {
    nextRun({ cron, timeZone }, 0)
  } catch {
    throw invalid(`Given recurrence string: ${cron} is invalid`)
  }
  return { cron, timeZone }
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

function readSizes(input: Input): Sizes {
  const min = integer(input, 'MinSize') ?? null
  const max = integer(input, 'MaxSize') ?? null
  const desired = integer(input, 'DesiredCapacity') ?? null
  if (min === null && max === null && desired === null)
    throw invalid('At least one of MinSize, MaxSize and DesiredCapacity must be specified')
  if ([min, max, desired].some((size) => size !== null && size < 0))
    throw invalid('Sizes must be greater than or equal to zero')
  if (isAbove(min, max)) throw invalid('Min size must be less than or equal to max size')
  if (isAbove(desired, max)) throw invalid('Desired capacity must be less than or equal to max size')
  if (isAbove(min, desired)) throw invalid('Desired capacity must be greater than or equal to min size')
  return { min, max, desired }
}

function isAbove(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && a > b
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message)
}
