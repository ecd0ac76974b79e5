import type { ISql } from 'postgres'
import { expect, inject, test } from 'vitest'
import { testDatabases } from '../../fixtures/database.ts'
import { readMigrations } from '../layouts/read.ts'
import type { Migration, Script } from '../migration.ts'
import { groundFor, type Ground } from '../replay.ts'
import { statementsOf } from '../script.ts'
import { migrationsSettings } from '../settings.ts'
import type { CatalogObject } from './catalog.ts'
import { compareCatalogs, verdictOf, type CatalogDifference } from './compare.ts'
import { readWithin } from './read.ts'
import { repairStatements } from './repair.ts'

/** What people forget, and write wrongly: each occurrence in a down script is a mutant of its own. */
const SLIPS: readonly [RegExp, string][] = [
  [/ default (?:nextval\('\w+'\)|'[^']*'|[\w.]+(?:\(\))?)/, ''],
  [/ not null/, ''],
  [/ unique /, ' '],
  [/ on delete cascade/, ''],
  [/ desc\b/, ''],
  [/timestamptz/, 'timestamp'],
  [/'new', 'paid'/, "'paid', 'new'"],
  [/ where status[^;]*/, ''],
  [/before insert or update/, 'before insert'],
  [/for select using/, 'using'],
  [/is '[^']+'/, "is 'wrong'"],
  [/ with \(security_barrier\)/, ''],
  [/increment by 10/, 'increment by 5'],
]

interface Mutant {
  readonly slip: string
  readonly statements: readonly string[]
}

/** A down script with one statement left out, or one slip in a statement. */
async function mutantsOf(down: Script): Promise<Mutant[]> {
  const statements = await plain(down)
  return statements.flatMap((statement, i) => [
    { slip: `without ${statement.split('\n')[0]}`, statements: statements.toSpliced(i, 1) },
    ...SLIPS.filter(([slip]) => slip.test(statement)).map(([slip, wrong]) => {
      const mutated = statement.replace(slip, wrong)
      return { slip: `with ${mutated.split('\n')[0]}`, statements: statements.with(i, mutated) }
    }),
  ])
}

// Built plainly, since all mutants share a transaction.
const plain = async (script: Script): Promise<string[]> =>
  (await statementsOf(script)).map(({ sql }) => sql.replace(/ concurrently/i, ''))

/** Runs under a savepoint that is rolled back; a statement's error is a value. */
async function trying<T>(sql: ISql, name: string, run: () => Promise<T>): Promise<T | 'fails'> {
  await sql.unsafe(`savepoint ${name}`)
  try {
    return await run()
  } catch (error) {
    if ((error as Error).name !== 'PostgresError') throw error
    return 'fails'
  } finally {
    await sql.unsafe(`rollback to savepoint ${name}`)
  }
}

const run = async (sql: ISql, statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await sql.unsafe(statement)
}

const differences = async (sql: ISql, expected: readonly CatalogObject[]): Promise<CatalogDifference[]> =>
  compareCatalogs(expected, await readWithin(sql))

interface Outcome {
  mutants: number
  /** The down failed, or left something different. */
  found: number
  different: number
  repaired: number
  falseAlarms: number
  readonly escaped: string[]
  readonly unrepaired: string[]
}

async function tryMutants(migrations: readonly Migration[], ground: Omit<Ground, 'databases'>): Promise<Outcome> {
  const { schema } = ground
  await using databases = await testDatabases()
  await using database = await groundFor({ ...ground, databases })
  const counts: Outcome = {
    mutants: 0,
    found: 0,
    different: 0,
    repaired: 0,
    falseAlarms: 0,
    escaped: [],
    unrepaired: [],
  }
  // A failed statement is an outcome here: the driver's own transactions would end with it.
  const sql = database.connect({ schema })
  for (const { up, down, version } of migrations) {
    await sql`begin`
    const before = await readWithin(sql)
    await trying(sql, 'original', async () => {
      await run(sql, [...(await plain(up)), ...(await plain(down!))])
      if (verdictOf(await differences(sql, before)) === 'schema') counts.falseAlarms++
    })
    for (const mutant of await mutantsOf(down!)) {
      counts.mutants++
      const label = `${schema} ${version} ${mutant.slip}`
      const outcome = await trying(sql, 'mutant', async () => {
        await run(sql, [...(await plain(up)), ...mutant.statements])
        const found = await differences(sql, before)
        if (found.length === 0) return 'escaped'
        counts.different++
        const statements = repairStatements(found, before)
        const rest = await trying(sql, 'repair', async () => {
          await run(sql, statements)
          return verdictOf(await differences(sql, before))
        })
        return rest === 'none' || rest === 'cosmetic' ? 'repaired' : `${rest} ← ${statements.join(' ')}`
      })
      if (outcome === 'escaped') counts.escaped.push(label)
      else counts.found++
      if (outcome === 'repaired') counts.repaired++
      else if (outcome !== 'fails' && outcome !== 'escaped') counts.unrepaired.push(`${label}: ${outcome}`)
    }
    await run(sql, await plain(up))
    await sql`commit`
  }
  await sql.end()
  return counts
}

// Mutants that are none: a table takes its indexes and a column its constraints along, and a statement that only
// changes rows leaves the schema as it was.
const before18 = Number.parseInt(inject('serverVersion'), 10) < 18
const EQUIVALENT: Readonly<Record<string, readonly string[]>> = {
  design_log: [
    'design_log 0004 without drop index bugs_task_id',
    'design_log 0006 without drop index design_notes_superseded_by',
    'design_log 0008 without drop index audit_entries_entity_id_at',
  ],
  workspace: [
    'workspace 0011 without alter table agent_states drop constraint agent_states_version_check',
    // A NOT NULL has a name of its own from 18 on.
    ...(before18 ? ['workspace 0015 without alter table project_files alter column content drop not null'] : []),
    'workspace 0015 without update project_files set content = body',
  ],
  mission_control: ['mission_control 0014 without update documents set content = body'],
  idea_lab: ['idea_lab 0008 without update idea_tickets set description = body'],
  aigentflow: [
    'aigentflow 0012 without update lessons set application_count = usage_count',
    // Revoked with the privileges of the table.
    'aigentflow 0013 without revoke update (name, settings, updated_at) on tenants from aigentflow_app',
  ],
  public: [],
}

const sets = [
  ['design_log', 'migrations/sql/design-log', null],
  ['workspace', 'migrations/sql/workspace', null],
  ['mission_control', 'migrations/sql/mission-control', null],
  ['idea_lab', 'migrations/sql/idea-lab', null],
  ['aigentflow', 'migrations/sql/aigentflow', 'fixtures/systems/aigentflow/roles.sql'],
  ['public', 'fixtures/corpus/mutants', null],
] as const

// The virtual columns of design-log came with 18.
test.each(sets.slice(before18 ? 1 : 0))(
  'no original of %s is blamed, every mutant is found, and most are repaired',
  async (schema, directory, prelude) => {
    const root = new URL('../../', import.meta.url).pathname
    const { migrations } = await readMigrations(root, migrationsSettings.parse(directory))
    const { mutants, found, different, repaired, falseAlarms, escaped } = await tryMutants(migrations, {
      schema,
      prelude,
      root,
    })
    console.info(
      `${schema}: ${mutants} mutants of ${migrations.length} migrations; ${found} found, ${escaped.length} equal to the original; ${repaired} of ${different} differences repaired; ${falseAlarms} false alarms`,
    )
    expect({ falseAlarms, escaped }).toEqual({ falseAlarms: 0, escaped: EQUIVALENT[schema] })
    expect(mutants).toBeGreaterThan(15)
    expect(repaired / different).toBeGreaterThanOrEqual(0.9)
  },
)
