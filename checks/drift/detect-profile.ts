import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { DomainSettings } from '../settings.ts'
import { extractDriver } from './extract.ts'
import { domainFiles } from './extract/domain-files.ts'

/** The driver that rows come through, and what was read from code, for people. */
export interface DetectedProfile {
  readonly profile: NonNullable<DomainSettings['profile']>
  readonly names: NonNullable<DomainSettings['names']>
  readonly because: readonly string[]
}

/**
 * The driver that a system's rows come through: what the settings say; else what the code nearest to the domain opens, with
 * the parsers and the names that it sets; else what the package of the domain depends on, when that leaves no choice; else `postgres`.
 * Tools for development do not count.
 */
export async function detectProfile(
  root: string,
  { profile, names, files }: Pick<DomainSettings, 'profile' | 'names' | 'files'>,
): Promise<DetectedProfile> {
  if (profile !== undefined && names !== undefined) return { profile, names, because: [] }
  const [first] = await domainFiles(root, files)
  const from = dirname(first!)
  const manifest = nearestManifest(resolve(root), from)
  const isInside = !relative(root, from).startsWith('..')
  const within = isInside ? resolve(root) : from
  const found = await extractDriver({ root: resolve(root), from, within })
  const named = names ?? found.names ?? 'camel'
  if (profile !== undefined) return { profile, names: named, because: found.naming }
  const { driver, types } = found
  const because = [...found.because, ...(names === undefined ? found.naming : [])]
  const name = driver ?? (manifest === null ? 'postgres' : driverOf(await readFile(manifest, 'utf8')))
  return { profile: Object.keys(types).length === 0 ? name : { extends: name, types }, names: named, because }
}

function nearestManifest(root: string, directory: string): string | null {
  const file = join(directory, 'package.json')
  if (existsSync(file)) return file
  const parent = dirname(directory)
  return directory === root || parent === directory ? null : nearestManifest(root, parent)
}

function driverOf(manifest: string): 'postgres' | 'pg' | 'drizzle' {
  const depends = (name: string): boolean => Object.hasOwn(dependenciesOf(manifest), name)
  if (depends('pg')) return depends('postgres') ? 'postgres' : 'pg'
  return depends('postgres') && depends('drizzle-orm') ? 'drizzle' : 'postgres'
}

function dependenciesOf(manifest: string): object {
  try {
    return (JSON.parse(manifest) as { dependencies?: object }).dependencies ?? {}
  } catch {
    return {} // npm is the one to complain
  }
}
