import { z } from 'zod'
import { writeFileSync, createWriteStream } from 'node:fs'
import { once } from 'node:events'
import postgres from 'postgres'
import { defineBackfill, ndjson, runBackfill, verifyRun, rollbackRun } from '/work/main/backfills/index.ts'
const url = process.argv[2]!
const N = Number(process.argv[3] ?? 200000)
const out = createWriteStream('/tmp/bench-bf.ndjson')
for (let i = 0; i < N; i++) { if (!out.write(JSON.stringify({ id: i, userId: i * 7, kind: 'kind' + (i % 9), amount: (i / 100).toFixed(2), at: '2024-01-01T00:00:00.123456Z', payload: { a: i, b: 'x' } }) + '\n')) await once(out, 'drain') }
out.end(); await once(out, 'finish')
const sql = postgres(url, { onnotice: () => {} })
await sql`drop table if exists t`
await sql`create table t(id bigint primary key, user_id bigint, kind text, amount numeric(12,2), at timestamptz, payload jsonb)`
const job = defineBackfill({ name: 'bench/t' + Date.now(), from: ndjson('bench-bf.ndjson'), schema: z.object({ id: z.number(), userId: z.number(), kind: z.string(), amount: z.string(), at: z.string(), payload: z.object({ a: z.number(), b: z.string() }) }), into: 't' })
const place = { url, schema: 'public', root: '/tmp', system: 'bench', job }
const time = async (what: string, work: () => Promise<unknown>) => { const t = performance.now(); const r = await work(); const s = (performance.now() - t) / 1000; console.log(what, s.toFixed(2), 's', Math.round(N / s), 'rows/s', Math.round(process.memoryUsage.rss() / 1e6), 'MB'); return r }
console.log((await time('run', () => runBackfill(place)) as any).run)
console.log((await time('verify', () => verifyRun(place)) as any).ok)
await time('rollback', () => rollbackRun({ ...place, run: job.name, laterWrites: 'refuse' }))
await sql.end()
