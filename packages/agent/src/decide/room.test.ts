import { describe, expect, test } from 'vitest'
import { judgeRoom, neededBytes, noRoom, type Room } from './room.ts'

describe('room for a pull', () => {
  const roomy: Room = { freeBytes: 50e9, totalBytes: 100e9, freeInodes: 5e6, totalInodes: 6e6 }
  test.each<[string, Partial<Room>, number | null, string]>([
    ['plenty', {}, null, 'ample'],
    ['under a tenth free', { freeBytes: 9e9 }, null, 'tight'],
    ['few inodes', { freeInodes: 99_999 }, null, 'tight'],
    ['a file system without inodes', { freeInodes: 0, totalInodes: 0 }, null, 'ample'],
    ['under the floor', { freeBytes: 255e6 }, null, 'short'],
    ['on the floor', { freeBytes: 256e6, totalBytes: 1e9 }, null, 'ample'],
    ['hardly an inode', { freeInodes: 9_999 }, null, 'short'],
    ['an image that is known to want more', { freeBytes: 12e9 }, 5e9, 'short'],
    ['and has it', { freeBytes: 13e9 }, 5e9, 'ample'],
  ])('%s', (_, room, compressed, verdict) => {
    expect(judgeRoom({ ...roomy, ...room }, neededBytes(compressed))).toBe(verdict)
  })

  test('the sentence has the figures, what was done and what to do', () => {
    const room = { ...roomy, freeBytes: 120e6, freeInodes: 41_000 }
    expect(noRoom('web@sha256:1', '/var/lib/docker', room, neededBytes(null))).toEqual({
      code: 'disk-full',
      kind: 'retryable',
      sentence:
        'No room for image web@sha256:1 in /var/lib/docker: 120 MB and 41000 inodes are free, 256 MB and 10000 inodes ' +
        'are needed. Nothing was pulled. See what takes the room: docker system df',
    })
  })
})
