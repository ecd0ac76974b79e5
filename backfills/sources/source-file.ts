import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import type { SourceIdentity } from './source.ts'

/** What is read at once is in memory as records at once. */
const CHUNK = 64 * 1024

const ENDS = 1024 * 1024

/**
 * The identity of a file: its size, the CRC-32 of all its bytes, and sha256 of its first and last megabyte. A whole
 * sha256 would cost a fifth of a run; what is to be found is a file that somebody changed, not one that was forged.
 */
export async function fileIdentity(kind: string, path: string, root: string): Promise<SourceIdentity> {
  const hash = createHash('sha256')
  let [sum, size] = [0, 0]
  for await (const bytes of readBytes(path, root)) {
    sum = crc32(bytes, sum)
    if (size < ENDS) hash.update(bytes.subarray(0, ENDS - size))
    size += bytes.length
  }
  for await (const bytes of readBytes(path, root, Math.max(0, size - ENDS))) hash.update(bytes)
  const { mtime } = await stat(resolve(root, path))
  hash.update(`${size}:${sum}`)
  return { kind, label: path, hash: hash.digest('hex'), size, modifiedAt: mtime.toISOString() }
}

/**
 * The bytes of a file from `start`, in chunks; a UTF-8 byte-order mark at its beginning is left to the reader.
 * @throws {LandfallError} `usage` when the file cannot be read
 */
export async function* readBytes(path: string, root: string, start = 0): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(resolve(root, path), { start, highWaterMark: CHUNK }) as AsyncIterable<Buffer>
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = missing
      ? 'does not exist'
      : `cannot be read: ${messageOf(error)
          .replace(/ '.*'$/, '')
          .replace(/, open$/, '')}`
    throw new LandfallError(
      'usage',
      missing ? 'backfills/source-missing' : 'backfills/source-unreadable',
      `the source file ${path} ${reason}`,
      {
        next: 'correct the path in the job; it is relative to the config file',
        location: { file: path, line: null, column: null },
        cause: error,
      },
    )
  }
}
