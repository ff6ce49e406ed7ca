/** Runs what a script of this directory does: a mistake in what it was given is one sentence on stderr and exit code 2. */
export function runCommand(main: () => void): void {
  try {
    main()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 2
  }
}
