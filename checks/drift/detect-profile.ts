import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { DomainSettings } from '../settings.ts'
import { domainFiles } from './extract/domain-files.ts'

type ProfileName = 'postgres' | 'pg' | 'drizzle'

/**
 * The driver that a system's rows come through: what the settings say, else what the package of the domain depends on,
 * when that leaves no choice, else `postgres`. Tools for development do not count.
 */
export async function detectProfile(
  root: string,
  { profile, files }: Pick<DomainSettings, 'profile' | 'files'>,
): Promise<NonNullable<DomainSettings['profile']>> {
  if (profile !== undefined) return profile
  const [first] = await domainFiles(root, files)
  const manifest = nearestManifest(resolve(root), dirname(first!))
  return manifest === null ? 'postgres' : driverOf(await readFile(manifest, 'utf8'))
}

function nearestManifest(root: string, directory: string): string | null {
  const file = join(directory, 'package.json')
  if (existsSync(file)) return file
  const parent = dirname(directory)
  return directory === root || parent === directory ? null : nearestManifest(root, parent)
}

function driverOf(manifest: string): ProfileName {
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
