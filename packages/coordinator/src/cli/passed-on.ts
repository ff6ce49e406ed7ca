import type { Host } from './host.ts'

/** Commands of other packages, which get the rest of the command line as it is. */
export const passedOn: Readonly<Record<string, { module: string; summary: string }>> = {
  rehearse: {
    module: '@switchover/rehearsal/main',
    summary: 'rehearse deploy, rollback and finish on this machine',
  },
  'local-aws': {
    module: '@switchover/local-aws/main',
    summary: 'run the parts of AWS used here on this machine',
  },
}

type Main = (argv: string[]) => Promise<number>

/**
 * Loaded only when asked for: the coordinator works without these packages.
 * @returns the command's exit code; 2 where its package is not installed.
 */
export async function passOn(
  host: Pick<Host, 'stderr'>,
  name: string,
  argv: readonly string[],
): Promise<number> {
  const module = passedOn[name]?.module ?? ''
  let main: Main
  try {
    const loaded = (await import(module)) as { main: Main }
    main = loaded.main
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    const packageName = module.replace(/\/main$/, '')
    if (!missing || !error.message.startsWith(`Cannot find package '${packageName}'`)) throw error
    host.stderr.write(`"switchover ${name}" needs the package ${packageName}, which is not installed here.\n`)
    return 2
  }
  return await main([...argv])
}
