import { PassThrough } from 'node:stream'
import type { EngineView } from '../../src/decide/observation.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { digest, lockedDigest, nextDigest, repository, sidecar } from './bundle.ts'
import type { Machine } from './machine.ts'
import { storedImages } from './stored-images.ts'

/** The Docker engine of a machine in memory. */
export function engineOf(machine: Machine): Engine {
  const { images, containers, faults, calls, clock } = machine
  const reached = () => {
    if (faults.engine) throw new Error('connect ECONNREFUSED')
  }
  return {
    view: async () => {
      while (faults.engineHangs) await clock.sleep(1_000)
      reached()
      return view(machine)
    },
    pull: async (source, _, signal) => {
      calls.push(`pull ${source}`)
      if (faults.silentPulls) await cut(signal)
      return pull(machine, source)
    },
    tag: async (source, name) => {
      images.set(name, images.get(source) ?? 'none')
    },
    images: async () => {
      reached()
      return storedImages(images, containers)
    },
    removeName: async (name) => {
      calls.push(`remove ${name}`)
      images.delete(name)
      return true
    },
    dataDirectory: () => Promise.resolve('/var/lib/docker'),
    logs: () => Promise.resolve(['a line of its log']),
  }
}

function cut(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('socket hang up')))
  })
}

function pull({ images, faults }: Machine, source: string): NodeJS.ReadableStream {
  const body = new PassThrough()
  const layer = (progressDetail: object) =>
    void body.write(`${JSON.stringify({ id: 'a', status: 'Downloading', progressDetail })}\n`)
  layer({ current: faults.layerBytes })
  if (faults.endlessPulls) layer({ current: 10, total: 40 })
  else if (faults.registry !== null) body.end(`${JSON.stringify({ error: faults.registry })}\n`)
  else {
    images.set(source, `sha256:${source.slice(-64, -60)}`)
    body.end('{"status":"Status: Downloaded newer image"}\n')
  }
  return body
}

function view({ images, containers }: Machine): EngineView {
  const rows = [
    ...[digest, nextDigest].map((one) => ({ source: `${repository}@${one}`, name: `${repository}:live` })),
    { source: `registry.example/queue@${lockedDigest}`, name: sidecar },
  ]
  const views = rows.map(({ source, name }) => ({
    source,
    sourceId: images.get(source) ?? null,
    sourceDigests: images.has(source) ? [source] : [],
    architecture: 'amd64',
    namedId: images.get(name) ?? null,
  }))
  return {
    architecture: 'amd64',
    images: new Map(views.map((one) => [one.source, one])),
    containers: containers.map((one) => ({ ...one })),
  }
}
