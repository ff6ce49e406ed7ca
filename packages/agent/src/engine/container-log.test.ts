import { expect, test } from 'vitest'
import { lastLines } from './container-log.ts'

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

test('reads frames of both streams in their order', () => {
  expect(lastLines(Buffer.concat([frame(1, 'one\ntw'), frame(2, 'o\n'), frame(1, 'three')]), 10)).toEqual([
    'one',
    'two',
    'three',
  ])
})

test('reads the plain text of a terminal, the last lines of it', () => {
  expect(lastLines(Buffer.from('one\r\ntwo\r\nthree\r\n'), 2)).toEqual(['two', 'three'])
  expect(lastLines(Buffer.alloc(0), 2)).toEqual([])
})
