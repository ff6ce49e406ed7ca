import { emitKeypressEvents } from 'node:readline'
import type { Host } from './host.ts'

/** A key by its name, or the sign it makes; Ctrl-C is `^c`. */
type Key = { name?: string; ctrl?: boolean }

/** Reads single keys, not echoed, until the function it returns is called. Ctrl-C is a key meanwhile. */
export function readKeys({ stdin }: Pick<Host, 'stdin'>, onKey: (key: string) => void): () => void {
  const listener = (sign: string | undefined, { name, ctrl }: Key) => {
    const key = name ?? sign
    if (key !== undefined) onKey(ctrl === true ? `^${key}` : key)
  }
  emitKeypressEvents(stdin)
  stdin.setRawMode?.(true)
  stdin.on('keypress', listener)
  stdin.resume()
  return () => {
    stdin.off('keypress', listener)
    stdin.setRawMode?.(false)
    stdin.pause()
  }
}
