import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'

let directory: string
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'landfall-dump-'))))
afterAll(() => rm(directory, { recursive: true }))

/** Writes out a table and reads it in, in a process of its own with a small heap; what it had in memory at most, in megabytes. */
async function peakOf(url: string, file: string): Promise<number> {
  const [exporting, importing] = ['./export.ts', './import.ts'].map((name) => new URL(name, import.meta.url).href)
  const program = `
    import { createReadStream, createWriteStream } from 'node:fs'
    import { exportData } from '${exporting}'
    import { importData } from '${importing}'
    const [url, file] = process.argv.slice(1)
    const place = { url, system: 'app', schema: 'public' }
    const out = createWriteStream(file)
    await exportData({ ...place, tables: null }, (text) => new Promise((resolve) => out.write(text, resolve)))
    await new Promise((resolve) => out.end(resolve))
    await importData({ ...place, file, chunks: createReadStream(file), replace: true })
    console.log(process.resourceUsage().maxRSS / 1024)`
  const args = ['--max-old-space-size=64', '--max-semi-space-size=4', '--input-type=module', '-e', program, url, file]
  return Number((await promisify(execFile)(process.execPath, args)).stdout)
}

test('memory does not grow with the rows', async () => {
  await using db = await freshDatabase()
  await db.sql`create table t (id int primary key, name text, data jsonb)`
  const peaks: number[] = []
  for (const rows of [20_000, 500_000]) {
    await db.sql`truncate t`
    await db.sql`insert into t select n, repeat('x', 80), jsonb_build_object('n', n) from generate_series(1, ${rows}::int) n`
    peaks.push(await peakOf(db.url, join(directory, `${rows}.json`)))
    expect(await db.sql`select count(*)::int as n from t`).toEqual([{ n: rows }])
  }
  console.log(`20,000 rows ${Math.round(peaks[0]!)} MB, 500,000 rows ${Math.round(peaks[1]!)} MB`)
  expect(peaks[1]! - peaks[0]!).toBeLessThan(30)
}, 600_000)
