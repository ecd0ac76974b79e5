import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { crc32, createGunzip } from 'node:zlib'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import type { SourceIdentity } from './source.ts'

/** What is read at once is in memory as records at once; every read costs a turn of a thread. */
const CHUNK = 256 * 1024

const ENDS = 1024 * 1024

/**
 * The identity of a file: its size, the CRC-32 of all its bytes, and sha256 of its first and last megabyte. A whole
 * sha256 would cost a fifth of a run; what is to be found is a file that somebody changed, not one that was forged.
 */
export async function fileIdentity(kind: string, path: string, root: string): Promise<SourceIdentity> {
  const hash = createHash('sha256')
  let [sum, size] = [0, 0]
  try {
    await using file = await open(resolve(root, path))
    const { mtime } = await file.stat()
    const buffer = Buffer.allocUnsafe(ENDS) // one for all: fresh memory costs more than what is done with it
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, ENDS, size)
      if (bytesRead === 0) break
      const bytes = buffer.subarray(0, bytesRead)
      sum = crc32(bytes, sum)
      if (size < ENDS) hash.update(bytes.subarray(0, ENDS - size))
      size += bytesRead
    }
    const { bytesRead } = await file.read(buffer, 0, ENDS, Math.max(0, size - ENDS))
    hash.update(buffer.subarray(0, bytesRead))
    hash.update(`${size}:${sum}`)
    return { kind, label: path, hash: hash.digest('hex'), size, modifiedAt: mtime.toISOString() }
  } catch (error) {
    throw unreadable(path, error)
  }
}

/**
 * The bytes of a file from `start`, in chunks; a UTF-8 byte-order mark at its beginning is left to the reader. What
 * begins as gzip does is unpacked, and `start` counts what comes out.
 * @throws {LandfallError} `usage` when the file cannot be read
 */
export async function* readContent(path: string, root: string, start = 0): AsyncGenerator<Buffer> {
  if (!(await isGzip(path, root))) {
    yield* readBytes(path, root, start)
    return
  }
  const unpacked = createGunzip({ chunkSize: CHUNK })
  const source = Readable.from(readBytes(path, root))
  source.once('error', (error) => unpacked.destroy(error))
  let skip = start
  try {
    for await (const bytes of source.pipe(unpacked) as AsyncIterable<Buffer>) {
      if (skip < bytes.length) yield skip === 0 ? bytes : bytes.subarray(skip)
      skip = Math.max(0, skip - bytes.length)
    }
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    source.destroy()
  }
}

async function isGzip(path: string, root: string): Promise<boolean> {
  for await (const bytes of readBytes(path, root)) return bytes[0] === 0x1f && bytes[1] === 0x8b
  return false
}

/** The bytes as they are. */
async function* readBytes(path: string, root: string, start = 0): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(resolve(root, path), { start, highWaterMark: CHUNK }) as AsyncIterable<Buffer>
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** What to say of a source file that cannot be read. */
export function unreadable(path: string, error: unknown): unknown {
  if (error instanceof LandfallError) return error
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
  const reason = missing
    ? 'does not exist'
    : `cannot be read: ${messageOf(error)
        .replace(/ '.*'$/, '')
        .replace(/, open$/, '')}`
  return new LandfallError(
    'usage',
    missing ? 'backfills/source-missing' : 'backfills/source-unreadable',
    `the source file ${path} ${reason}`,
    {
      next: missing ? 'correct the path in the job; it is relative to the config file' : 'mend or replace the file',
      location: { file: path, line: null, column: null },
      cause: error,
    },
  )
}
