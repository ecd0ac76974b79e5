import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { memoryDirectory } from './memory-directory.ts'

test('a file system in memory is used where there is one with room, and else the temporary directory', async () => {
  const { bavail, bsize } = await statfs('/dev/shm')
  expect(await memoryDirectory('/dev/shm', bavail * bsize + 2 ** 40)).toBe(tmpdir())
  expect(await memoryDirectory('/dev/shm', 0)).toBe('/dev/shm')
  expect(await memoryDirectory('/nowhere', 0)).toBe(tmpdir())
  // Not in memory.
  expect(await memoryDirectory('/usr', 0)).toBe(tmpdir())
})
