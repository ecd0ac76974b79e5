import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'

test('a fresh database is owned by a role that may create roles and is no superuser', async () => {
  await using db = await freshDatabase({ schema: 'app' })
  const rows = await db.sql`
    select rolsuper, rolcreaterole, current_setting('search_path') as path,
           datdba = r.oid as owns, current_setting('server_version_num')::int / 10000 as major
    from pg_roles r, pg_database d where rolname = current_user and datname = current_database()`
  expect([...rows]).toEqual([{ rolsuper: false, rolcreaterole: true, path: '"app", public', owns: true, major: 18 }])
})
