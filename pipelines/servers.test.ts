import { expect, test } from 'vitest'
import { configOf, projectOf } from '../fixtures/project.ts'

const system = (name: string): Record<string, string> => ({
  [`${name}/0001_reader.up.sql`]:
    'create role servers_reader;\ncreate table t ();\ngrant select on t to servers_reader;\n',
  [`${name}/0001_reader.down.sql`]: 'drop table t;\ndrop role servers_reader;\n',
})

test('two systems that make the same role are each on a server of its own, and an error where there is only one', async () => {
  await using project = await projectOf({
    'landfall.config.ts': configOf({ systems: { one: { migrations: 'one' }, two: { migrations: 'two' } } }),
    ...system('one'),
    ...system('two'),
  })
  const apart = await project.reported(['check', 'replay', 'reversible', '--provider', 'embedded'])
  expect([apart.code, apart.report.findings]).toEqual([0, []])
  expect(apart.report.systems.map(({ migrations }) => migrations[0]!.state)).toEqual(['proven', 'proven'])

  const together = await project.reported(['check', 'replay', 'reversible'])
  expect(together.code).toBe(3)
  expect(together.report.systems.map(({ migrations }) => migrations[0]!.state)).toEqual(['proven', 'skipped'])
  expect(together.stderr).toContain('the migrations of two make or change roles that another system has too')
})
