import { defineConfig } from 'vitest/config'

/**
 * unit     decisions, parsers, protocols: no engine, no root
 * wire     real processes against the local AWS over loopback, virtual instances: no engine, no root
 * engine   a real Docker engine, registry and compose on this host, and the other tools `npm test` installs
 * machine  container instances: systemd, cloud-init, an engine of their own
 */
/** `expect.poll` gives up after a second otherwise, and so long may a busy machine stall. Milliseconds. */
const polled = { poll: { timeout: 60_000 } }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          expect: polled,
          // It runs beside the wire suite and yields to it: what takes long is no failure.
          testTimeout: 240_000,
          hookTimeout: 240_000,
          include: ['packages/*/{src,test}/**/*.test.ts', 'test/{unit,simulation,bench}/**/*.test.ts'],
          exclude: ['**/*.engine.test.ts', '**/*.machine.test.ts', '**/*.wire.test.ts', '**/node_modules/**'],
        },
      },
      {
        test: {
          name: 'wire',
          expect: polled,
          // Hundreds of processes, some with leases of 2 s, want the processor for themselves.
          fileParallelism: false,
          include: ['packages/*/test/**/*.wire.test.ts', 'test/wire/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'engine',
          expect: polled,
          include: ['packages/*/test/**/*.engine.test.ts', 'test/engine/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'machine',
          expect: polled,
          include: ['packages/*/test/**/*.machine.test.ts', 'test/machine/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
