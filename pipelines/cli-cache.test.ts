import { expect, test } from 'vitest'
import { soundProject } from '../fixtures/project.ts'
import type { Report } from './report/report.ts'

const added = {
  'sql/0002_more.up.sql': "alter table users add column mail text default 'none';\n",
  'sql/0002_more.down.sql': 'alter table users drop column mail;\n',
  'sql/0003_bad.up.sql': 'create table extra (n int);\n',
  'sql/0003_bad.down.sql': 'drop table extras;\n',
}

/** Without what differs from run to run, and from server to server. */
const lasting = (report: Report): unknown => ({
  ...report,
  startedAt: null,
  durationMs: null,
  postgres: null,
  systems: report.systems.map((system) => ({
    ...system,
    migrations: system.migrations.map((migration) => ({ ...migration, upMs: null, downMs: null })),
  })),
  checks: report.checks.map((check) => ({ ...check, durationMs: null })),
})

test('with --cache an embedded server goes on from what an earlier one replayed, and reports the same', async () => {
  await using project = await soundProject()
  const gate = ['gate', '--provider', 'embedded', '--cache', 'kept']
  const first = await project.reported(gate)
  await project.write(added)
  const cached = await project.reported(gate)
  const without = await project.reported(['gate'])
  const upMs = ({ systems }: Report): (number | null)[] => systems[0]!.migrations.map((migration) => migration.upMs)
  expect([first.code, cached.code, without.code]).toEqual([0, 1, 1])
  expect(lasting(cached.report)).toEqual(lasting(without.report))
  // Of a proof that stands for an earlier run its durations stand as well: to the nanosecond, so it was not run again.
  expect(upMs(cached.report)[0]).toBe(upMs(first.report)[0])
  expect(upMs(cached.report)[1]).not.toBe(upMs(first.report)[0])
  expect(first.stderr + cached.stderr).not.toContain('is not kept')
})
