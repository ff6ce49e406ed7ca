import { styleText } from 'node:util'
import type { BarKind } from '../timeline/model.ts'

type Style = Parameters<typeof styleText>[0]

const styles: Readonly<Record<BarKind, Style>> = {
  launch: 'gray',
  boot: 'gray',
  agent: 'magenta',
  pull: 'blue',
  compose: 'cyan',
  start: 'blue',
  health: 'yellow',
  service: 'green',
  unhealthy: 'red',
  draining: 'yellow',
  standby: 'gray',
  returning: 'cyan',
  failed: 'red',
  ending: 'gray',
  unseen: 'dim',
}

/** Letters tell kinds apart; colour only helps. */
export function barPainter(colour: boolean): (kind: BarKind, text: string) => string {
  return (kind, text) => (colour ? styleText(styles[kind], text, { validateStream: false }) : text)
}
