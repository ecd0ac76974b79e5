import type { Finding } from '../../../checks/finding.ts'
import type { RenderContext } from '../render.ts'
import { plainContext } from '../render.ts'
import type { BackfillReport, CheckReport, MigrationReport, Report } from '../report.ts'

/** Reports to render: nothing wrong, one thing, many, hostile text, a machine without PostgreSQL. */

const migration = (version: string, name: string, rest: Partial<MigrationReport> = {}): MigrationReport => ({
  version,
  name,
  file: `migrations/sql/shop/${version}_${name}.up.sql`,
  downFile: `migrations/sql/shop/${version}_${name}.down.sql`,
  state: 'proven',
  isNew: false,
  transaction: true,
  upMs: 12.4,
  downMs: 8.1,
  reversible: true,
  difference: 'none',
  dataPreserved: true,
  locks: [],
  rewrites: [],
  ...rest,
})

const backfill = (name: string, rest: Partial<BackfillReport> = {}): BackfillReport => ({
  name,
  read: 120,
  written: 120,
  existing: 0,
  rejected: 0,
  verified: true,
  rolledBack: true,
  durationMs: 231.7,
  ...rest,
})

const check = (name: string, sentence: string, rest: Partial<CheckReport> = {}): CheckReport => ({
  check: name,
  system: 'shop',
  file: `checks/${name}.check.ts`,
  name: sentence,
  state: 'pass',
  durationMs: 41.2,
  errors: [],
  ...rest,
})

const finding = (rest: Partial<Finding>): Report['findings'][number] => ({
  rule: 'drift/null-not-modelled',
  severity: 'error',
  check: 'drift',
  system: 'shop',
  message: 'orders.shipped_at can be null, Order.shippedAt is Date',
  why: 'reads give null where the type says there is a value',
  object: 'public.orders.shipped_at',
  isNew: null,
  fingerprint: 'drift/null-not-modelled public.orders.shipped_at Order',
  ...rest,
  location: { file: 'src/domain/order.ts', line: 4, column: 3, ...rest.location },
  other: rest.other === null ? null : { file: 'migrations/sql/shop/0002_ship.up.sql', line: 1, column: 30, ...rest.other },
  fix: {
    typescript: 'shippedAt: Date | null',
    sql: 'alter table orders alter column shipped_at set not null;',
    ...rest.fix,
  },
})

const checks = [
  check('files', 'every migration has a down script'),
  check('replay', 'the migrations run on a fresh database', { durationMs: 1240 }),
  check('reversible', 'every down script undoes its up', { durationMs: 2610 }),
  check('drift', 'interfaces and tables agree', { durationMs: 801 }),
  check('backfill', 'every job carries its data there and back'),
  check('rls', 'tenants see only their rows', {
    state: 'skip',
    durationMs: 0,
    errors: [{ message: 'the config has no rls', location: null }],
  }),
]

export const clean: Report = {
  schema: 1,
  tool: { name: 'landfall', version: '0.1.0' },
  command: 'gate',
  verdict: 'pass',
  exitCode: 0,
  startedAt: '2026-11-20T12:00:00.000Z',
  durationMs: 5120.4,
  postgres: { version: '18.4', provider: 'embedded', reason: 'its major version is that of postgres:18' },
  systems: [
    {
      name: 'shop',
      migrations: [
        migration('0001', 'orders'),
        migration('0002', 'ship', {
          isNew: true,
          locks: [{ table: 'public.orders', mode: 'AccessExclusiveLock', blocks: 'reads-and-writes', heldMs: 3.2 }],
        }),
      ],
      drift: {
        types: { checked: 4, unchecked: 0 },
        tables: { checked: 4, unchecked: 0 },
        columns: { checked: 31, unchecked: 1 },
      },
      backfills: [
        backfill('shop/orders'),
        backfill('shop/returns', { read: 0, written: 0, verified: null, rolledBack: null, durationMs: 0 }),
      ],
    },
  ],
  findings: [],
  checks,
}

const failing = (names: readonly string[]): CheckReport[] =>
  checks.map((each) => (names.includes(each.check) ? { ...each, state: 'fail' } : each))

export const single: Report = {
  ...clean,
  verdict: 'fail',
  exitCode: 1,
  findings: [finding({ isNew: true })],
  checks: failing(['drift']),
}

const down = { file: 'migrations/sql/shop/0002_ship.down.sql', line: 2, column: 1 }

export const several: Report = {
  ...single,
  systems: [
    ...clean.systems,
    {
      name: 'billing',
      migrations: [
        migration('0001', 'invoices', { state: 'failed', reversible: false, difference: 'schema', dataPreserved: false }),
        migration('0002', 'drop_legacy', { state: 'irreversible', downFile: null, downMs: null, reversible: null, difference: null, dataPreserved: null }),
      ],
      drift: null,
      backfills: [backfill('billing/invoices', { rejected: 2, written: 118, verified: false, rolledBack: null })],
    },
  ],
  findings: [
    finding({ rule: 'files/version-gap', severity: 'info', check: 'files', message: 'after 0002 comes 0004', why: null, location: down, other: null, fix: { sql: null, typescript: null }, fingerprint: 'gap 0002' }),
    finding({ isNew: false, message: 'orders.note can be null, Order.note is string', object: 'public.orders.note', fingerprint: 'note' }),
    finding({ isNew: true }),
    finding({ rule: 'reversible/down-not-inverse', check: 'reversible', isNew: true, message: 'the down script of 0002_ship leaves the index orders_shipped_idx behind', why: 'after up and down the schema is not what it was before', location: down, other: null, fix: { typescript: null, sql: 'drop index orders_shipped_idx;\nalter table orders\n  drop column shipped_at;' }, fingerprint: 'index' }),
    finding({ rule: 'reversible/down-reorders', severity: 'warning', check: 'reversible', system: 'billing', isNew: true, message: 'after up and down the columns of invoices stand in another order', why: 'harmless for code that names its columns', location: { file: 'migrations/sql/billing/0001_invoices.down.sql', line: null, column: null }, other: null, fix: { typescript: null, sql: null }, fingerprint: 'order' }),
  ],
  checks: [
    ...failing(['drift', 'reversible', 'files']),
    check('backfill', 'every job carries its data there and back', {
      system: 'billing',
      state: 'fail',
      errors: [{ message: 'connection to the server was lost', location: { file: 'checks/backfill.check.ts', line: 12, column: 5 } }],
    }),
  ],
}

/** 5,000 findings: far beyond every budget. */
export const thousands: Report = {
  ...single,
  findings: Array.from({ length: 5000 }, (_, index) =>
    finding({
      severity: index % 3 === 0 ? 'warning' : 'error',
      message: `orders.column_${index} can be null, Order.column${index} is string`,
      location: { file: 'src/domain/order.ts', line: index + 1, column: 3 },
      fingerprint: `drift ${String(index).padStart(4, '0')}`,
    }),
  ),
}

const nasty =
  '::warning::a\u001b[31mred\u001b[0m\r\n::error file=x::planted\n##[add-mask]y | <script>alert(1)</script> `tick` @everyone #12 [x](https://evil.test) <!-- landfall:drift --> $a$ \u202eabc 100%,: ```\n# head'

/** Every text that comes from outside tries to break out of where it is put. */
export const hostile: Report = {
  ...single,
  command: nasty,
  postgres: { version: nasty, provider: nasty, reason: nasty },
  systems: clean.systems.map((system) => ({
    ...system,
    name: nasty,
    migrations: [migration('0001', nasty, { locks: [{ table: nasty, mode: nasty, blocks: 'writes', heldMs: 1 }] })],
    backfills: [backfill(nasty)],
  })),
  findings: [
    finding({
      rule: nasty,
      check: nasty,
      system: nasty,
      message: nasty,
      why: nasty,
      object: nasty,
      location: { file: `src/${nasty}.ts`, line: 1, column: 1 },
      other: { file: `src/${nasty}.sql`, line: 1, column: 1 },
      fix: { typescript: nasty, sql: nasty },
    }),
  ],
  checks: [
    check(nasty, nasty, { system: nasty, file: nasty, state: 'fail', errors: [{ message: nasty, location: null }] }),
    check(nasty, nasty, { system: nasty, file: nasty, state: 'skip', errors: [{ message: nasty, location: null }] }),
  ],
}

/** No server, so nothing was checked. */
export const unable: Report = {
  ...clean,
  verdict: 'error',
  exitCode: 3,
  durationMs: 88,
  postgres: null,
  systems: [],
  checks: [
    check('gate', 'landfall starts', {
      system: '',
      file: '',
      state: 'fail',
      durationMs: 0,
      errors: [{ message: 'no PostgreSQL can be started: Docker does not answer', location: null }],
    }),
  ],
}

const sources: Readonly<Record<string, string>> = {
  'src/domain/order.ts':
    'export interface Order {\n  id: string\n  /** When it left the house. */\n  shippedAt: Date\n}\n',
  'migrations/sql/shop/0002_ship.up.sql': 'alter table orders add column shipped_at timestamptz;\n',
  'migrations/sql/shop/0002_ship.down.sql': '-- the column goes\n\talter table orders drop column shipped_at;\n',
}

/** As on a pull request: sources, links, the config one directory down. */
export const context: RenderContext = {
  ...plainContext,
  readSource: (file) => sources[file] ?? null,
  prefix: 'services/shop',
  sourceUrl: 'https://github.com/acme/shop/blob/0123456789012345678901234567890123456789',
  runUrl: 'https://github.com/acme/shop/actions/runs/42',
}
