/**
 * Makes what goes to npm: `node build/pack.ts [--out DIR]` stages each package in DIR/NAME and packs it beside, as
 * `npm publish` would. DIR is dist/npm where none is given.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { version } from '@switchover/contract/version'
import { bundleAgent } from '../packages/agent/bundle.ts'
import { buildCoordinator } from '../packages/coordinator/build.ts'
import { sourceCommit } from './commit.ts'
import { type Component, licencesText } from './components.ts'
import { readOptions } from './options.ts'

type Manifest = {
  name: string
  license: string
  type: string
  dependencies: Record<string, string>
}
type Staging = { directory: string; compiled: string }
type Packed = {
  name: string
  /** What it is, in one line. */
  description: string
  /** Where its source and manifest are, from the root of the repository. */
  source: string
  /** What its manifest has beside name, version, licence and dependencies; puts its files into place. */
  fill: (staging: Staging) => Promise<Record<string, unknown>>
}

const usage = `npm run pack [-- --out DIR]

Makes the packages that go to npm: DIR/@switchover/NAME, and a tarball of each in DIR (dist/npm).
`

const root = fileURLToPath(new URL('..', import.meta.url))
const everyModule = { './*': { types: './dist/*.d.ts', default: './dist/*.js' } }

/** Of packages of modules: the compiled source, and what they need of their dependencies. */
async function modules({ directory, compiled }: Staging, source: string): Promise<Record<string, unknown>> {
  await cp(join(compiled, source, 'src'), join(directory, 'dist'), { recursive: true })
  const { dependencies } = await readManifest(source)
  return { exports: everyModule, dependencies: pinned(dependencies) }
}

/** Of programs: they are bundled, so nothing is installed beside them. */
async function program(directory: string, command: string, components: readonly Component[]) {
  await writeFile(join(directory, 'THIRD-PARTY-LICENCES'), licencesText(components))
  return { bin: { [command]: `./dist/${command}.mjs` } }
}

const packages: readonly Packed[] = [
  {
    name: '@switchover/contract',
    description: 'The words and shapes of Switchover: tags, store keys, reports, records, events',
    source: 'packages/contract',
    fill: (staging) => modules(staging, 'packages/contract'),
  },
  {
    name: '@switchover/coordinator',
    description: 'Blue/green deployment of Dockerised services on EC2 Auto Scaling groups: the command line',
    source: 'packages/coordinator',
    async fill({ directory }) {
      const { components } = await buildCoordinator(join(directory, 'dist'))
      return {
        ...(await program(directory, 'switchover', components)),
        exports: { './main': './dist/switchover.mjs' },
      }
    },
  },
  {
    name: '@switchover/agent',
    description: 'The on-instance agent of Switchover; checks compose files anywhere',
    source: 'packages/agent',
    async fill({ directory }) {
      const { files, components } = await bundleAgent(await sourceCommit())
      for (const { name, content } of files) {
        const path = join(directory, 'dist', name === 'agent.mjs' ? 'switchover-agent.mjs' : name)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, content)
      }
      return program(directory, 'switchover-agent', components)
    },
  },
  {
    name: '@switchover/bootstrap',
    description: 'User-data, IAM policies, a CloudFormation template and an example service for Switchover',
    source: 'bootstrap',
    async fill({ directory, compiled }) {
      const kinds = /\/bootstrap(\/(example|iam)(\/.*)?|\/[\w.-]+\.(sh|yaml))?$/
      await cp(join(root, 'bootstrap'), directory, { recursive: true, filter: (path) => kinds.test(path) })
      await cp(join(compiled, 'bootstrap'), directory, { recursive: true })
      const { dependencies } = await readManifest('bootstrap')
      return {
        exports: {
          './example/*': './example/*',
          './iam/*': './iam/*',
          './*.yaml': './*.yaml',
          './*': { types: './*.d.ts', default: './*.js' },
        },
        dependencies: pinned(dependencies),
      }
    },
  },
  {
    name: '@switchover/local-aws',
    description: 'The parts of AWS that Switchover uses, on this machine, over their wire protocols',
    source: 'packages/local-aws',
    async fill(staging) {
      const image = 'packages/local-aws/machine-image'
      await cp(join(root, image), join(staging.directory, 'machine-image'), { recursive: true })
      return modules(staging, 'packages/local-aws')
    },
  },
  {
    name: '@switchover/rehearsal',
    description: 'switchover rehearse: a whole deployment and its rollback on this machine',
    source: 'packages/rehearsal',
    fill: (staging) => modules(staging, 'packages/rehearsal'),
  },
]

/** @returns the tarballs, by name of the package */
export async function packAll(out: string): Promise<Map<string, string>> {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const compiled = join(out, 'compiled')
  await execa('tsc', ['--project', join(root, 'build/tsconfig.json'), '--outDir', compiled], {
    preferLocal: true,
    localDir: root,
  })
  const commit = await sourceCommit()
  const tarballs = new Map<string, string>()
  for (const { name, description, source, fill } of packages) {
    const directory = join(out, name)
    await mkdir(directory, { recursive: true })
    const { license, type } = await readManifest(source)
    const own = await fill({ directory, compiled })
    const manifest = {
      name,
      version,
      description,
      license,
      type,
      engines: { node: '>=24' },
      ...(commit === null ? {} : { gitHead: commit }),
      ...own,
    }
    await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    await cp(join(root, 'LICENSE'), join(directory, 'LICENSE'))
    await writeFile(join(directory, 'README.md'), `# ${name}\n\n${description}.\n`)
    const packed = await execa('npm', ['pack', '--json', '--pack-destination', out], {
      cwd: directory,
      stdin: 'ignore',
    })
    tarballs.set(name, join(out, tarballName(packed.stdout)))
  }
  await rm(compiled, { recursive: true })
  return tarballs
}

/** npm answers with a list of packages, or by name. */
function tarballName(json: string): string {
  const [only] = Object.values(JSON.parse(json) as Record<string, { filename: string }>)
  if (only === undefined) throw new Error('npm pack made no tarball.')
  return only.filename
}

async function readManifest(source: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, source, 'package.json'), 'utf8')) as Manifest
}

/** Our packages go together: each asks for the others in exactly its own version. */
function pinned(dependencies: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [
      name,
      name.startsWith('@switchover/') ? version : range,
    ]),
  )
}

if (import.meta.main) {
  const values = readOptions(usage, { out: { type: 'string', default: join(root, 'dist/npm') } })
  const tarballs = values === null ? [] : await packAll(resolve(values.out))
  for (const [name, tarball] of tarballs) process.stdout.write(`${name} ${version}  ${tarball}\n`)
}
