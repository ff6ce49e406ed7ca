/** What a command leaves behind: texts end with a newline or are empty. */
export type CommandResult = { exitCode: number; out: string; err: string }
