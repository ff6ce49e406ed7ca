import { expect, test } from 'vitest'
import { optionsOf, parts } from './options.ts'

test('without options everything is measured', () => {
  expect(optionsOf([])).toEqual({
    only: parts,
    sizes: [4, 40, 400, 1000],
    rounds: 5,
    operations: false,
    svg: null,
  })
})

test('sizes are taken smallest first, each once, and parts in their own order', () => {
  expect(optionsOf(['--sizes', '400,4,4', '--only', 'agent,fleet'])).toMatchObject({
    sizes: [4, 400],
    only: ['fleet', 'agent'],
  })
})

test.each(['--help', '-h'])('%s asks for nothing else', (flag) => {
  expect(optionsOf([flag, '--sizes', 'x'])).toBeNull()
})

test.each([
  [['--only', 'x'], /^--only takes fleet, .* and agent; it was x\.$/],
  [['--only', ''], /^--only takes .*; it was empty\.$/],
  [['--sizes', '4,0'], /^--sizes takes whole numbers from 1 to 2000, as in 4,40,400; it was 4,0\.$/],
  [['--sizes', ''], /^--sizes takes .*; it was empty\.$/],
  [['--rounds', '1.5'], /^--rounds takes a whole number from 1 to 50; it was 1\.5\.$/],
  [['--svg', ''], /^--svg takes a file or a directory; it was empty\.$/],
  [['--size', '4'], /^Unknown option '--size'\.$/],
  [['fleet'], /^Unexpected argument 'fleet'\.$/],
  [['--sizes'], /^Option '--sizes <value>' argument missing\.$/],
])('%j is refused in one sentence', (argv, sentence) => {
  expect(() => optionsOf(argv)).toThrow(sentence)
})
