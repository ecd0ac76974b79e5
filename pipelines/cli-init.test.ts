import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectOf, sound } from '../fixtures/project.ts'

test('init writes a config for the migrations and the domain that it finds, which works at once', async () => {
  const files = {
    'db/migrations/1_it’s.up.sql': 'create table a ();',
    'src/domain.ts': 'export interface A { id: string }',
  }
  await using project = await projectOf(files)
  expect(await project.landfall(['init'])).toEqual({
    code: 0,
    stdout: 'landfall.config.ts is written; next: landfall gate\n',
    stderr: '',
  })
  expect(await readFile(join(project.root, 'landfall.config.ts'), 'utf8')).toBe(
    "import { defineConfig } from 'landfall'\n\nexport default defineConfig({\n  migrations: 'db/migrations',\n  domain: 'src/domain.ts',\n})\n",
  )
  const { code, stdout } = await project.landfall(['check', 'files'])
  expect([code, stdout.includes('files/up-without-down')]).toEqual([1, true])
})

test('init leaves a config alone that is there, and wants to know where migrations are when it finds none', async () => {
  await using project = await projectOf({ 'landfall.config.ts': '// mine\n', ...sound })
  const there = await project.landfall(['init'])
  expect([there.code, await readFile(join(project.root, 'landfall.config.ts'), 'utf8')]).toEqual([2, '// mine\n'])
  await using empty = await projectOf({})
  const none = await empty.landfall(['init'])
  expect([none.code, none.stderr.includes('landfall init --migrations DIR')]).toEqual([2, true])
})

test('doctor says what servers there are, and shows no password', async () => {
  await using project = await projectOf({})
  const { code, stdout } = await project.landfall(['doctor'], {
    env: { DATABASE_URL: 'postgres://me:secret@db.example/app' },
  })
  expect(code).toBe(0)
  expect(stdout).toContain('✓ embedded server')
  expect(stdout).toContain('✓ DATABASE_URL         postgres://me@db.example/app')
  expect(stdout).not.toContain('secret')
})
