import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { configOf, soundProject } from '../fixtures/project.ts'

test('data is exported to a file or to standard output, and imported with the exit codes that scripts rely on', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject({
    'landfall.config.ts': configOf({ migrations: 'sql', backfills: 'jobs/*.ts' }),
    'sql/0002_tags.up.sql': 'create table tags (name text primary key);',
    'sql/0002_tags.down.sql': 'drop table tags;',
    'jobs/tags.ts': `import { defineBackfill, store } from 'landfall'; import { z } from 'zod'
      export default defineBackfill({ name: 'app/tags', from: store('tags', () => []), schema: z.object({ name: z.string() }), into: 'tags', key: ['name'], onConflict: 'fail' })`,
  })
  const env = { DATABASE_URL: db.url }
  const run = async (...args: string[]): Promise<(string | number | null)[]> => {
    const { code, stdout, stderr } = await project.landfall(args, { env })
    return [code, stdout, stderr.split('\n')[0]!]
  }
  await project.landfall(['migrate', 'up'], { env })
  await db.sql`insert into users values ('1', 'ada'), ('2', 'grace')`
  expect(await run('data', 'export', '--to', 'all.json')).toEqual([
    0,
    '',
    'exported 2 rows of 2 tables: tags 0, users 2',
  ])
  const dump = await readFile(join(project.root, 'all.json'), 'utf8')
  expect(dump).toBe(`{
  "schema": 1,
  "system": "app",
  "migration": "2",
  "columns": {
    "tags": {
      "name": "text"
    },
    "users": {
      "id": "text",
      "name": "text"
    }
  },
  "sequences": {},
  "tables": {
    "tags": [],
    "users": [
      {"id":"1","name":"ada"},
      {"id":"2","name":"grace"}
    ]
  }
}
`)
  const { code, stdout: ofJob } = await project.start(['data', 'export', '--job', 'app/tags'], { env }).ended
  expect([code, (JSON.parse(ofJob) as { tables: object }).tables]).toEqual([0, { tags: [] }])
  const unknown = await run('data', 'export', '--table', 'none', '--to', 'none.json')
  expect(unknown).toEqual([2, '', 'error there is no table none in schema public'])
  const files = await readdir(project.root)
  expect(files.filter((file) => file.startsWith('none'))).toEqual([])
  expect(await run('data', 'import', 'all.json')).toEqual([5, '', 'error there are rows in users'])
  expect(await run('data', 'import', 'all.json', '--replace')).toEqual([
    0,
    '',
    'imported 2 rows of 2 tables: tags 0, users 2',
  ])
  await project.write({ 'bad.json': dump.replace('"id":"2"', '"id":"1"'), 'cut.json': dump.slice(0, -40) })
  expect(await run('data', 'import', 'bad.json', '--replace')).toEqual([
    1,
    '',
    'error bad.json:19: PostgreSQL refuses this row: duplicate key value violates unique constraint "users_pkey" (Key (id)=(1) already exists.)',
  ])
  expect(await run('data', 'import', 'cut.json', '--replace')).toEqual([
    2,
    '',
    'error cut.json:19: the file ends before it is complete',
  ])
  expect(await db.sql`select name from users order by id`).toEqual([{ name: 'ada' }, { name: 'grace' }])
})
