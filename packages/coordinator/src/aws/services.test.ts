import { expect, test } from 'vitest'
import { noServiceText } from './services.ts'

const none = (name: string) =>
  `No Auto Scaling group in this account and region has the tag switchover:service=${name}`

test.each<[string, string[] | null, string]>([
  ['wbe', ['api', 'web', 'worker'], '. Did you mean web?'],
  ['wroker', ['api', 'web', 'worker'], '. Did you mean worker?'],
  ['billing', ['api', 'web'], '. The services here are api, web: check --region and --profile.'],
  [
    'billing',
    ['a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1'],
    '. The services here are a1, b1, c1, d1, e1, f1 and 2 more: check --region and --profile.',
  ],
  ['web', null, ': check the name, --region and --profile.'],
  ['web', [], ', nor one of any other service: check --region and --profile.'],
])('%s among %s', (name, services, ending) => {
  expect(noServiceText(name, services)).toBe(`${none(name)}${ending}`)
})
