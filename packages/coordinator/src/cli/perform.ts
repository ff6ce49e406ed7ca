import type { Command } from 'commander'
import { Refusal } from '../events.ts'
import type { Emit, ResultEvent } from '../events.ts'
import type { Ports } from '../run/ports.ts'
import { canAsk, confirm } from './confirm.ts'
import { applyDefaults } from './defaults.ts'
import type { Host } from './host.ts'
import type { Common } from './options.ts'
import { createOutput, formatEvent, outputOptions } from './output.ts'
import { endingOf } from './outcome.ts'
import type { Ending } from './outcome.ts'
import { runLive, type DeploymentWork } from './run-live.ts'

/** One command, once its options are known. */
export type Task<R extends ResultEvent = ResultEvent> = Readonly<{
  /** As in "while publishing the bundle". */
  doing: string
  /** What is asked before anything is changed; null for a command that only reads, or whose `--yes` was given. */
  question: string | null
  /** Shown before the question; a result it gives is the command's own, and nothing is asked. */
  preview?: (ports: Ports) => Promise<R | null>
  /** False where the work heeds the interrupt itself, because it has a lease to give back. */
  cutShort: boolean
  /** Of a command that works on a deployment: it is shown live on a terminal, and asks at Ctrl-C. */
  deployment?: Pick<DeploymentWork<R>, 'service' | 'rollBack'>
  work: (ports: Ports) => Promise<R>
  /** Data for stdout; without it the result is a sentence on stderr alone. `silent`: no sentence besides. */
  print?: { text: (result: R) => string; silent: boolean }
}>

/** Runs a command from its options to its exit code; nothing it throws gets past here. */
export async function perform<R extends ResultEvent>(
  host: Host,
  command: Command,
  taskOf: () => Task<R>,
): Promise<number> {
  let doing = `reading the options of ${command.name()}`
  try {
    await applyDefaults(command, host.directory)
    const options = command.opts<Common>()
    const task = taskOf()
    doing = task.doing
    refuseUnasked(host, command.name(), task)
    const output = outputOptions(host, options)
    const ports = portsOf(host, options, createOutput(host, output))
    const result =
      (await ask(host, task, ports)) ??
      (task.deployment
        ? await runLive(host, output, ports, { ...task.deployment, work: task.work })
        : await work(host, task, ports))
    if (!options.json && task.print) host.stdout.write(task.print.text(result))
    if (options.json || !task.print?.silent) report(host, command, { result, stack: null })
    return result.exitCode
  } catch (error) {
    const ending = endingOf(error, doing, host.clock.now())
    report(host, command, ending)
    return ending.result.exitCode
  }
}

function portsOf(host: Host, options: Common, emit: Emit): Ports {
  return {
    clients: host.connect({ region: options.region, profile: options.profile }),
    clock: host.clock,
    random: host.random,
    emit,
    owner: host.owner,
    pollMs: host.config.pollMs,
    interrupt: host.interrupt.signal,
  }
}

/** Before anything else is looked at: a run that could not be answered is not begun. */
function refuseUnasked(host: Host, name: string, { question }: Pick<Task, 'question'>): void {
  if (question !== null && !canAsk(host))
    throw new Refusal(2, 'refused', `${name} changes things and there is no terminal to ask on: add --yes.`)
}

/** Null where a person said yes, or needs no asking. */
async function ask<R extends ResultEvent>(host: Host, task: Task<R>, ports: Ports): Promise<R | null> {
  if (task.question === null) return null
  const result = task.preview ? await orInterrupted(host, task.preview(ports)) : null
  if (result === null) await confirm(host, task.question)
  return result
}

async function work<R extends ResultEvent>(host: Host, task: Task<R>, ports: Ports): Promise<R> {
  return task.cutShort ? await orInterrupted(host, task.work(ports)) : await task.work(ports)
}

async function orInterrupted<R>(host: Host, work: Promise<R>): Promise<R> {
  const { signal } = host.interrupt
  const interrupted = new Promise<never>((_, reject) => {
    const refuse = () => reject(new Refusal(130, 'interrupted', 'Interrupted.'))
    if (signal.aborted) refuse()
    else signal.addEventListener('abort', refuse, { once: true })
  })
  return await Promise.race([work, interrupted])
}

/** The one result of a run, and the stack where it is a bug. */
function report(host: Host, command: Command, { result, stack }: Ending): void {
  const options = outputOptions(host, command.opts<Common>())
  if (options.json) host.stdout.write(`${JSON.stringify(result)}\n`)
  else host.stderr.write(formatEvent(result, options.colour))
  if (stack !== null) host.stderr.write(`${stack}\n`)
}
