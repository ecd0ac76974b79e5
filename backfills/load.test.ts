import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadJobs } from './load.ts'

const job = (name: string) =>
  `export default { name: '${name}', from: { kind: 'store', label: 's', file: null, identity() {}, read() {} }, schema: { safeParse() {} }, into: 't' }`

async function loading(files: Record<string, string>, globs: string[] = ['jobs/*.mjs']) {
  const root = await mkdtemp(join(tmpdir(), 'landfall-jobs-'))
  await mkdir(join(root, 'jobs'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'jobs', name), text)
  try {
    return await loadJobs({ root, globs })
  } finally {
    await rm(root, { recursive: true })
  }
}

test('jobs are loaded by globs in the order of their files', async () => {
  const jobs = await loading({ 'b.mjs': job('one'), 'a.mjs': job('two'), 'a.test.ts': 'throw 1', 'note.md': '' }, [
    'jobs/*',
    'jobs/a.*',
  ])
  expect(jobs.map(({ job: { name, tables }, file }) => [name, tables.map(({ table }) => table), file])).toEqual([
    ['two', ['t'], 'jobs/a.mjs'],
    ['one', ['t'], 'jobs/b.mjs'],
  ])
})

test('a default export inside a default export is the job', async () => {
  const jobs = await loading({
    'a.mjs': job('one').replace('export default', 'const job =') + '\nexport default { default: job }',
  })
  expect(jobs.map((each) => each.job.name)).toEqual(['one'])
})

test.for<[string, Record<string, string>, object]>([
  ['nothing matches', {}, { code: 'backfills/no-files' }],
  [
    'a file throws',
    { 'a.mjs': '\nthrow new Error("oh")' },
    {
      code: 'backfills/job-fails',
      message: 'jobs/a.mjs cannot be loaded: oh',
      location: { file: 'jobs/a.mjs', line: 2, column: 7 },
    },
  ],
  [
    'a file exports nothing',
    { 'a.mjs': 'export const x = 1' },
    { code: 'backfills/no-job', location: { file: 'jobs/a.mjs', line: null, column: null } },
  ],
  [
    'a job is invalid',
    { 'a.mjs': 'export default { name: "x" }' },
    { code: 'backfills/job-invalid', location: { file: 'jobs/a.mjs', line: null, column: null } },
  ],
  [
    'a name is there twice',
    { 'a.mjs': job('one'), 'b.mjs': job('one') },
    { code: 'backfills/duplicate-name', message: 'jobs/b.mjs and jobs/a.mjs both define the backfill one' },
  ],
])('it is a usage error when %s', async ([, files, error]) => {
  await expect(loading(files)).rejects.toMatchObject({ kind: 'usage', ...error })
})
