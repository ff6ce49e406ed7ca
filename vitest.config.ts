import { defineConfig } from 'vitest/config'

/**
 * unit     decisions, parsers, protocols: no engine, no root
 * wire     real processes against the local AWS over loopback, virtual instances: no engine, no root
 * engine   a real Docker engine, registry and compose on this host, and the other tools `npm test` installs
 * machine  container instances: systemd, cloud-init, an engine of their own
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // It runs beside the wire suite and yields to it: what takes long is no failure.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ['packages/*/{src,test}/**/*.test.ts', 'test/{unit,simulation,bench}/**/*.test.ts'],
          exclude: ['**/*.engine.test.ts', '**/*.machine.test.ts', '**/*.wire.test.ts', '**/node_modules/**'],
        },
      },
      {
        test: {
          name: 'wire',
          // Leases of 2 s want the processor for themselves.
          fileParallelism: false,
          include: ['packages/*/test/**/*.wire.test.ts', 'test/wire/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'engine',
          include: ['packages/*/test/**/*.engine.test.ts', 'test/engine/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'machine',
          include: ['packages/*/test/**/*.machine.test.ts', 'test/machine/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
