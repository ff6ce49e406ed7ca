import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseStoreUrl } from '@switchover/contract/store'
import { serviceName } from '@switchover/contract/tags'
import { runCommand } from './command.ts'

export const roles = ['instance-role', 'coordinator-role'] as const
export type Role = (typeof roles)[number]

type Json = string | readonly Json[] | { readonly [key: string]: Json }

/** What the words in capitals of `iam/*.json` stand for. */
export type PolicyPlaces = {
  partition: string
  region: string
  account: string
  service: string
  bucket: string
  /** Before every key of the store: `PREFIX/`, or nothing. */
  keys: string
  /** ECR repository, `*` allowed. */
  repository: string
}

/** The policy of a role with its places filled. `escape` sees each text before that, for a language that has `${…}` of its own. */
export function fillPolicy(
  role: Role,
  places: PolicyPlaces,
  escape: (text: string) => string = (text) => text,
): Json {
  const words: Readonly<Record<string, string>> = {
    'arn:aws:': `arn:${places.partition}:`,
    'PREFIX/': places.keys,
    REGION: places.region,
    ACCOUNT: places.account,
    SERVICE: places.service,
    BUCKET: places.bucket,
    REPOSITORY: places.repository,
  }
  const fill = (text: string): string =>
    escape(text).replaceAll(
      /arn:aws:|PREFIX\/|\b(?:REGION|ACCOUNT|SERVICE|BUCKET|REPOSITORY)\b/g,
      (word) => words[word] ?? word,
    )
  const text = readFileSync(new URL(`iam/${role}.json`, import.meta.url), 'utf8')
  return mapStrings(JSON.parse(text) as Json, fill)
}

function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, change))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]))
}

/** Amazon's own name for the part of the world a Region is in, as it stands in ARNs. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

export type PolicyOptions = {
  store: string
  service: string
  region: string
  account: string
  repository: string
}

/**
 * The policy of a role, ready to be attached.
 * @throws {RangeError} one sentence, where an option cannot be used
 */
export function renderPolicy(role: Role, options: PolicyOptions): Json {
  const { service, region, account, repository } = options
  const store = parseStoreUrl(options.store)
  // A wildcard there would open the keys of other services.
  if (store === null || store.prefix.includes('*'))
    throw new RangeError(`"${options.store}" is not written s3://BUCKET or s3://BUCKET/PREFIX.`)
  if (!serviceName.safeParse(service).success)
    throw new RangeError(`"${service}" is not the name of a service.`)
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new RangeError(`"${region}" is not a Region.`)
  if (!/^\d{12}$/.test(account))
    throw new RangeError(`"${account}" is not the number of an account, 12 digits.`)
  if (!/^[a-z0-9*][a-z0-9*._/-]*$/.test(repository))
    throw new RangeError(`"${repository}" is not the name of an ECR repository.`)
  return fillPolicy(role, {
    partition: partitionOf(region),
    region,
    account,
    service,
    bucket: store.bucket,
    keys: store.prefix === '' ? '' : `${store.prefix}/`,
    repository,
  })
}

const usage = `npm run -s render:policy -- instance-role|coordinator-role --service SERVICE --store s3://BUCKET[/PREFIX] --account NUMBER
  --region REGION --repository NAME

Prints the policy of a role as IAM takes it. NAME is the ECR repository of the images, with * for several.
`

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      service: { type: 'string' },
      store: { type: 'string' },
      account: { type: 'string' },
      region: { type: 'string' },
      repository: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const { help = false, service, store, account, region, repository } = values
  const role = roles.find((name) => positionals.length === 1 && name === positionals[0])
  if (help || !role || !service || !store || !account || !region || !repository) {
    process.stdout.write(usage)
    process.exitCode = help ? 0 : 2
    return
  }
  const policy = renderPolicy(role, { service, store, account, region, repository })
  process.stdout.write(`${JSON.stringify(policy, null, 2)}\n`)
}

if (import.meta.main) runCommand(main)
