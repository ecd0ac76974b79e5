import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { exportData, type TableCount } from '../../backfills/dump/export.ts'
import { importData } from '../../backfills/dump/import.ts'
import { loadJobs } from '../../backfills/load.ts'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import type { CliContext } from '../context.ts'
import { loadConfig, selectSystems, type Config, type NamedSystem } from '../load-config.ts'
import { count } from '../report/phrases.ts'
import type { ExportFlags, ImportFlags } from './data.ts'
import { anyDatabaseUrlOf, type CommonFlags } from './flags.ts'
import { reported } from './reported.ts'

export const exportTables = function (this: CliContext, flags: ExportFlags): Promise<void> {
  return reported(this, flags, 'data export', async () => {
    const url = anyDatabaseUrlOf(flags, this.env)
    const { config, system } = await theSystem(this, flags)
    const request = {
      url,
      system: system.name,
      schema: system.migrations.schema,
      tables: await tablesOf(config, system, flags),
      visibleRows: flags.visibleRows,
      signal: this.signal,
    }
    const counts =
      flags.to === undefined
        ? await exportData(request, this.write)
        : await whole(resolve(this.cwd, flags.to), (write) => exportData(request, write))
    this.say(sum('exported', counts))
    return { exitCode: 0, text: '' }
  })
}

export const importTables = function (this: CliContext, flags: ImportFlags, file: string): Promise<void> {
  return reported(this, flags, 'data import', async () => {
    const url = anyDatabaseUrlOf(flags, this.env)
    const { system } = await theSystem(this, flags)
    const counts = await importData({
      url,
      system: system.name,
      schema: system.migrations.schema,
      file: file === '-' ? 'standard input' : file,
      chunks: file === '-' ? this.input : readFile(file, this.cwd),
      replace: flags.replace,
      signal: this.signal,
    })
    this.say(sum('imported', counts))
    return { exitCode: 0, text: '' }
  })
}

async function theSystem(context: CliContext, flags: CommonFlags): Promise<{ config: Config; system: NamedSystem }> {
  const config = await loadConfig(context, flags.config ?? null)
  const systems = selectSystems(config, flags.system ?? [])
  if (systems.length === 1) return { config, system: systems[0]! }
  throw new LandfallError('usage', 'data/which-system', 'there are several systems, and a dump is of one', {
    next: `name it with --system: ${systems.map(({ name }) => name).join(', ')}`,
  })
}

/** The tables that were named, and those of the jobs that were named; null: all. */
async function tablesOf(config: Config, system: NamedSystem, flags: ExportFlags): Promise<readonly string[] | null> {
  const { table = [], job: names = [] } = flags
  if (table.length + names.length === 0) return null
  const loaded = names.length === 0 ? [] : await loadJobs({ root: config.root, globs: system.backfills ?? [] })
  const ofJobs = names.flatMap((name) => {
    const found = loaded.find(({ job }) => job.name === name)
    if (found) return found.job.tables.map((each) => each.table)
    throw new LandfallError('usage', 'data/no-job', `${system.name} has no backfill ${name}`, {
      next: `its backfills are: ${loaded.map(({ job }) => job.name).join(', ') || 'none'}`,
    })
  })
  return [...new Set([...table, ...ofJobs])]
}

/** A file that is there only when all of it is, and on the disk. */
async function whole<T>(file: string, work: (write: (text: string) => Promise<void>) => Promise<T>): Promise<T> {
  const part = `${file}.part`
  const handle = await open(part, 'w').catch((cause: unknown) => {
    throw new LandfallError('environment', 'data/not-written', messageOf(cause), { next: 'correct --to FILE', cause })
  })
  try {
    const result = await work(async (text) => void (await handle.write(text)))
    await handle.sync()
    await handle.close()
    await rename(part, file)
    return result
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(part, { force: true })
    throw error
  }
}

async function* readFile(file: string, cwd: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(resolve(cwd, file), { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>
  } catch (cause) {
    throw new LandfallError('usage', 'data/unreadable', `${file} cannot be read: ${messageOf(cause)}`, {
      location: { file, line: null, column: null },
      next: 'name a file that landfall data export wrote, or - for standard input',
      cause,
    })
  }
}

function sum(did: string, counts: readonly TableCount[]): string {
  const rows = counts.reduce((total, table) => total + table.rows, 0)
  const tables = counts.map(({ table, rows: own }) => `${table} ${own}`).join(', ')
  return `${did} ${count(rows, 'row')} of ${count(counts.length, 'table')}: ${tables}`
}
