export type Severity = 'error' | 'warning' | 'info'

/** A rule: how bad a finding is unless the config says otherwise, why it matters, and how it is mended. */
export interface Rule {
  readonly severity: Severity
  /** One line. */
  readonly why: string
  /** One line. */
  readonly fix: string
}

/** The one table of rules. Ids are slugs, `family/what-is-wrong`; `docs/rules.md` is generated from it. */
export const rules = {
  'files/up-without-down': {
    severity: 'error',
    why: 'a deploy that cannot be undone by its own script is undone by hand, at night',
    fix: 'write the down script, or say "-- landfall: irreversible <reason>" in the first lines of the up script',
  },
  'files/down-without-up': {
    severity: 'error',
    why: 'a down script that belongs to no up script never runs',
    fix: 'rename it to match its up script, or delete it',
  },
  'files/bad-name': {
    severity: 'warning',
    why: 'a file that fits no layout is not run, although it looks as if it were',
    fix: 'name it as the other migrations are named (NNNN_name.up.sql), or list it under migrations.exclude',
  },
  'files/skipped-file': {
    severity: 'warning',
    why: 'what the file does is missing from the replay, and from the proof of all that builds on it',
    fix: 'say in SQL what it does, run it by the prelude, or list it under migrations.exclude',
  },
  'files/other-dialect': {
    severity: 'info',
    why: 'these files are for another database, so PostgreSQL never runs them',
    fix: 'nothing to do if that is meant',
  },
  'files/no-section': {
    severity: 'error',
    why: 'without the line that opens its up section the file is no migration to the tool it is written for',
    fix: 'write the opening line, or list the file under migrations.exclude',
  },
  'files/outside-section': {
    severity: 'error',
    why: 'a statement that belongs to neither direction never runs',
    fix: 'move it below the line that opens the up or the down section',
  },
  'files/duplicate-version': {
    severity: 'error',
    why: 'two migrations of one version: which one runs depends on chance',
    fix: 'give the later one the next free version',
  },
  'files/empty-up': {
    severity: 'error',
    why: 'an up script without a statement changes nothing',
    fix: 'write the migration, or delete its files',
  },
  'files/sum-stale': {
    severity: 'error',
    why: 'a migration was edited, added or removed, and landfall.sum does not know of it',
    fix: 'look at what changed; when it is meant, run landfall migrate sum and commit the file',
  },
  'files/version-gap': {
    severity: 'info',
    why: 'a missing number may be a migration that was lost in a merge',
    fix: 'check that nothing is missing; gaps are allowed',
  },
  'files/edited-after-merge': {
    severity: 'error',
    why: 'databases that ran the old text never see the new one',
    fix: 'restore the file and write a new migration',
  },
  'files/deleted-after-merge': {
    severity: 'error',
    why: 'databases that ran it keep what it made; a fresh one never gets it',
    fix: 'restore the file and write a new migration that undoes it',
  },
  'files/renamed-after-merge': {
    severity: 'error',
    why: 'the history knows the migration by its old name',
    fix: 'restore the name',
  },
  'files/inserted-before-base-head': {
    severity: 'error',
    why: 'databases that are past this version skip it or run it out of order',
    fix: 'give it a version above the newest one of the base',
  },
  'files/same-object-on-both-branches': {
    severity: 'warning',
    why: 'two branches change the same object without knowing of each other: together they may do what neither meant',
    fix: 'merge the base into the branch, and look at both migrations side by side',
  },
  'files/down-edited-after-merge': {
    severity: 'info',
    why: 'only the down script changed: databases that ran the migration keep the old one in their history',
    fix: 'nothing to do if that is meant',
  },
  'lint/syntax-error': {
    severity: 'error',
    why: 'PostgreSQL cannot parse this script: it fails as soon as it is needed',
    fix: 'correct the statement at the line given',
  },
  'lint/concurrently-in-transaction': {
    severity: 'error',
    why: 'PostgreSQL refuses the statement inside a transaction, and nothing says that the script runs outside one',
    fix: 'say "-- landfall: no-transaction" in the first lines of the script, and keep the statement alone in it',
  },
  'lint/ignore-without-reason': {
    severity: 'error',
    why: 'an ignore without a reason is in nobody’s memory a year later: it is not in force',
    fix: 'write -- landfall-ignore <rule>: <reason> above the statement',
  },
  'lint/unused-ignore': {
    severity: 'warning',
    why: 'an ignore that ignores nothing hides the next finding of its rule',
    fix: 'remove it',
  },
  'replay/fails': {
    severity: 'error',
    why: 'the migration does not run on a fresh database',
    fix: 'correct the statement at the line given; see the message of PostgreSQL',
  },
  'replay/fails-on-base': {
    severity: 'error',
    why: 'the base has gained migrations that the branch lacks: after the merge this one stops on every database of the base',
    fix: 'merge the base into the branch, and write the migration for what is there then',
  },
  'replay/needs-empty-tables': {
    severity: 'error',
    why: 'the migration runs on empty tables and stops on rows that were allowed before it: a deploy has rows',
    fix: 'give the column a default, or make the rows fit in the migration first: fill, deduplicate, shorten',
  },
  'replay/session-state-leak': {
    severity: 'warning',
    why: 'a setting that stays changed decides how the next migration runs',
    fix: 'use SET LOCAL, or reset it at the end of the script',
  },
  'replay/non-deterministic-schema': {
    severity: 'error',
    why: 'two replays of the same files make different schemas: no database is like the next one',
    fix: 'write names and values into the script; now(), random() and generated names differ every time',
  },
  'replay/invalid-index-left': {
    severity: 'error',
    why: 'an invalid index is written to and never read; the next attempt finds its name taken',
    fix: 'drop the index concurrently and build it again',
  },
  'reversible/unknown-object-kind': {
    severity: 'warning',
    why: 'the catalog reader does not know this kind of object: nothing is proven about it',
    fix: 'look at the down script by hand',
  },
  'reversible/down-fails': {
    severity: 'error',
    why: 'the down script stops with an error: the deploy cannot be undone',
    fix: 'correct the statement at the line given; see the message of PostgreSQL',
  },
  'reversible/down-not-inverse': {
    severity: 'error',
    why: 'after up and down the schema is not what it was before',
    fix: 'add the statements that the down script lacks',
  },
  'reversible/down-reorders': {
    severity: 'warning',
    why: 'after up and down only the order of columns or a generated name differs',
    fix: 'harmless for code that names its columns; nothing to do if that is meant',
  },
  'reversible/up-not-repeatable-after-down': {
    severity: 'error',
    why: 'after a rollback the migration cannot be deployed again with the same result',
    fix: 'make the down script remove everything that the up script made',
  },
  'reversible/loses-data': {
    severity: 'error',
    why: 'rows that were there before are not the same after up and down',
    fix: 'keep the data in the down script, or say "-- landfall: irreversible <reason>"',
  },
  'drift/missing-property': {
    severity: 'error',
    why: 'the table has a column that no code of this type can see',
    fix: 'add the property, or drop the column',
  },
  'drift/extra-property': {
    severity: 'error',
    why: 'no column stands behind this property: it is undefined in every row that is read',
    fix: 'remove or rename the property, or add the column',
  },
  'drift/table-without-type': {
    severity: 'warning',
    why: 'nothing in the domain says what its rows are, so nothing holds code to them',
    fix: 'write its interface, or say tables: { name: false } in the config',
  },
  'drift/type-without-table': {
    severity: 'warning',
    why: 'the domain speaks of something that the database does not keep',
    fix: 'write its migration, tie it with @landfall-table, or say types: { Name: false } in the config',
  },
  'drift/ambiguous-match': {
    severity: 'error',
    why: 'a guess would compare the type with the wrong table',
    fix: 'say which table is meant: @landfall-table name, or domain.types in the config',
  },
  'drift/unmappable-column-name': {
    severity: 'warning',
    why: 'the driver turns the name into a property that it does not turn back: an insert by object fails',
    fix: 'rename the column',
  },
  'drift/tag-not-attached': {
    severity: 'error',
    why: 'a tag that the compiler attaches to nothing is ignored in silence',
    fix: 'write it in /** … */ on a line of its own, right above the type or the property',
  },
  'drift/unused-ignore': {
    severity: 'warning',
    why: 'an ignore that ignores nothing hides the next finding of its rule',
    fix: 'remove it',
  },
  'drift/names-nothing': {
    severity: 'error',
    why: 'the config or a tag ties a type to a table that is not there: it is not compared',
    fix: 'correct the name',
  },
  'drift/too-nullable': {
    severity: 'warning',
    why: 'code handles a null that the database never gives',
    fix: 'remove null from the type, or let the column be null',
  },
  'drift/optional-but-not-null': {
    severity: 'warning',
    why: 'code handles an absence that the database never gives',
    fix: 'remove the question mark, or let the column be null',
  },
  'drift/pk-optional': {
    severity: 'warning',
    why: 'a row that is read always has its key',
    fix: 'remove null and the question mark from the key',
  },
  'drift/undefined-not-null': {
    severity: 'error',
    why: 'the driver gives null where the type says undefined: a test for undefined misses it',
    fix: 'write | null instead of the question mark',
  },
  'drift/null-not-modelled': {
    severity: 'error',
    why: 'reads give null where the type promises a value: the first use of it throws',
    fix: 'add | null to the type, or set the column not null',
  },
  'drift/nullable-with-default': {
    severity: 'error',
    why: 'a default does not refuse null: reads may give null where the type promises a value',
    fix: 'set the column not null, or add | null to the type',
  },
  'drift/value-missing-in-type': {
    severity: 'error',
    why: 'reads give a value that no code expects',
    fix: 'add the value to the union, or take it from the database',
  },
  'drift/value-not-in-database': {
    severity: 'warning',
    why: 'code handles a value that the database never holds',
    fix: 'drop the value from the union, or allow it in the database',
  },
  'drift/narrower-than-db': {
    severity: 'warning',
    why: 'the type promises a list of values that nothing in the database enforces',
    fix: 'add a CHECK or an enum, or widen the type',
  },
  'drift/impossible-arm': {
    severity: 'warning',
    why: 'code handles a type that the driver never gives',
    fix: 'remove the arm',
  },
  'drift/base-type': {
    severity: 'error',
    why: 'the driver gives a value of another type than the interface says',
    fix: 'write the type that arrives',
  },
  'drift/int8-or-numeric': {
    severity: 'error',
    why: 'the driver gives a string for this type, so that no digit is lost; sums become concatenations',
    fix: 'write string, or set a parser and say so in domain.profile',
  },
  'drift/date-family': {
    severity: 'error',
    why: 'a point in time arrives in another type than the interface says',
    fix: 'write the type that arrives, or set a parser and say so in domain.profile',
  },
  'drift/date-as-date': {
    severity: 'info',
    why: 'a date as a Date is midnight UTC: in local time it may be the day before',
    fix: 'parse dates as strings and say so in domain.profile',
  },
  'drift/infinite-date': {
    severity: 'info',
    why: 'the driver makes an invalid Date, or a number, of infinity',
    fix: 'use null for "never", or parse the type as a string and say so in domain.profile',
  },
  'drift/array-shape': {
    severity: 'error',
    why: 'an array on one side is none, or another one, on the other',
    fix: 'write the type that arrives',
  },
  'drift/array-null': {
    severity: 'warning',
    why: 'the driver never gives null inside an array, but "NULL", NaN or false',
    fix: 'keep null out of the array, or use jsonb',
  },
  'drift/json-incompatible': {
    severity: 'error',
    why: 'JSON cannot carry this type: what is read back is something else',
    fix: 'write what JSON.parse gives, and convert where it is read',
  },
  'drift/json-as-string': {
    severity: 'warning',
    why: 'a json column arrives parsed: text only when the document is a string',
    fix: 'write the shape of the document, or unknown',
  },
  'drift/too-wide': {
    severity: 'info',
    why: 'the database promises more than the type says',
    fix: 'narrow the type',
  },
  'drift/fk-brand-mismatch': {
    severity: 'info',
    why: 'a foreign key of another brand than its target lets ids be mixed up',
    fix: 'use the type of the key that it points to',
  },
  'drift/generated-in-insert': {
    severity: 'error',
    why: 'PostgreSQL refuses a value for a column that it generates itself',
    fix: 'leave the property out of the insert type',
  },
  'drift/required-although-default': {
    severity: 'info',
    why: 'callers must make up a value that the database would make',
    fix: 'make the property optional',
  },
  'drift/required-column-absent': {
    severity: 'warning',
    why: 'an insert without this column fails, unless code adds it on the way',
    fix: 'add the property, or give the column a default',
  },
  'drift/null-refused': {
    severity: 'error',
    why: 'the insert type allows a null that the column refuses',
    fix: 'remove null from the type, or let the column be null',
  },
  'drift/value-refused': {
    severity: 'error',
    why: 'the insert type allows a value that the database refuses',
    fix: 'drop the value from the type, or allow it in the database',
  },
  'drift/unresolved-type': {
    severity: 'error',
    why: 'the compiler cannot make out this type: nothing of it is compared',
    fix: 'correct the name or the import',
  },
  'drift/any-type': {
    severity: 'warning',
    why: 'any hides every drift of this column',
    fix: 'write the type that arrives',
  },
  'compat/table-dropped': {
    severity: 'error',
    why: 'during the deploy code still reads the table: its queries fail',
    fix: 'ship the code that does without it first, and drop it in a later deploy',
  },
  'compat/column-dropped': {
    severity: 'error',
    why: 'during the deploy code still reads or writes the column: its queries fail',
    fix: 'ship the code that does without it first, and drop it in a later deploy; rename by adding, copying and dropping',
  },
  'compat/insert-misses-column': {
    severity: 'error',
    why: 'during the deploy code inserts rows without the column: its inserts fail',
    fix: 'give the column a default, or let it be null until all code gives it',
  },
  'compat/value-unknown': {
    severity: 'error',
    why: 'during the deploy code reads a value that it does not expect',
    fix: 'ship the code that knows the value first, and allow it in a later deploy',
  },
  'compat/value-refused': {
    severity: 'error',
    why: 'during the deploy code writes a value that is refused: its writes fail',
    fix: 'ship the code that no longer writes it first, and refuse it in a later deploy',
  },
  'compat/type-changed': {
    severity: 'error',
    why: 'during the deploy code reads the column as another type than it is written for',
    fix: 'add a column of the new type, move the code over, and drop the old one in a later deploy',
  },
  'compat/no-safe-order': {
    severity: 'error',
    why: 'neither the migration nor the code can go first: some requests fail in every order',
    fix: 'split the branch: expand, ship the code, contract',
  },
  'drift/live-missing': {
    severity: 'error',
    why: 'the live database lacks what its migrations made: code that counts on it fails there and nowhere else',
    fix: 'run the statement given, or write the removal as a migration',
  },
  'drift/live-extra': {
    severity: 'error',
    why: 'something was made by hand: no other environment has it, and the next migration may stumble over it',
    fix: 'write it as a migration, or drop it',
  },
  'drift/live-different': {
    severity: 'error',
    why: 'something was changed by hand: what was proven on the replayed schema does not hold there',
    fix: 'write the change as a migration, or run the statement given',
  },
  'drift/live-privileges': {
    severity: 'warning',
    why: 'who may do what is not what the migrations say',
    fix: 'write the grant as a migration, or run the statement given',
  },
  'drift/fixed': {
    severity: 'info',
    why: 'the baseline still accepts drift that is gone: it would hide its return',
    fix: 'landfall drift --update-baseline',
  },
  'backfill/rejected': {
    severity: 'error',
    why: 'a record of the source does not reach the table',
    fix: 'correct the record, or the schema that refuses it',
  },
  'backfill/differs': {
    severity: 'error',
    why: 'what stands in the table is not what the source says',
    fix: 'see the record and the column named; run the backfill again after a rollback',
  },
  'backfill/not-restored': {
    severity: 'error',
    why: 'after the rollback the tables are not what they were before the run',
    fix: 'look for triggers and other writers on the tables named',
  },
  'backfill/fails': {
    severity: 'error',
    why: 'the job stops with an error: its data cannot be carried over',
    fix: 'see the message; try the job with landfall backfill run --dry-run',
  },
  'rls/role-bypasses': {
    severity: 'error',
    why: 'policies do not hold for superusers, roles with BYPASSRLS, and whoever may become the owner of a table',
    fix: 'let the application work as a role that owns nothing and is a member of nobody who does',
  },
  'rls/not-enabled': {
    severity: 'error',
    why: 'without row-level security every tenant reads and writes the rows of all',
    fix: 'enable and force it, with a policy; or take the privileges away',
  },
  'rls/not-forced': {
    severity: 'error',
    why: 'the owner of a table passes by its policies unless they are forced',
    fix: 'force row level security on the table',
  },
  'rls/no-policy': {
    severity: 'error',
    why: 'row-level security without a policy for a role hides every row from it',
    fix: 'write a policy for the role',
  },
  'rls/may-truncate': {
    severity: 'error',
    why: 'truncate asks no policy: one tenant empties the table for all',
    fix: 'revoke truncate from the role',
  },
  'rls/check-not-written': {
    severity: 'info',
    why: 'who widens the using of such a policy, so that more is read, widens what may be written as well',
    fix: 'write the condition for new rows as with check',
  },
  'rls/table-without-tenant': {
    severity: 'error',
    why: 'nothing tells one tenant’s rows from another’s, so nothing keeps them apart',
    fix: 'add the tenant column; or name the table under rls.shared in the config, when its rows are for all tenants',
  },
  'rls/reads-other-tenant': {
    severity: 'error',
    why: 'one tenant reads what is another tenant’s',
    fix: 'compare the tenant in the using of the policy',
  },
  'rls/writes-other-tenant': {
    severity: 'error',
    why: 'one tenant inserts, changes or deletes what is another tenant’s',
    fix: 'compare the tenant in the using and in the with check of the policy',
  },
  'rls/moves-to-other-tenant': {
    severity: 'error',
    why: 'one tenant puts its rows among another tenant’s',
    fix: 'compare the tenant in the with check of the policy',
  },
  'rls/open-without-tenant': {
    severity: 'error',
    why: 'whoever forgets to say whose rows are meant gets those of all',
    fix: 'let the policy hold for no row when no tenant, or an unknown one, is set',
  },
  'rls/reads-rows-of-nobody': {
    severity: 'warning',
    why: 'rows without a tenant are shown to all of them',
    fix: 'leave null out of the policy; nothing to do if they are meant for all',
  },
  'rls/refers-to-other-tenant': {
    severity: 'error',
    why: 'a reference tells that the other row exists, keeps its tenant from deleting it, and is followed by cascades',
    fix: 'let the foreign key name the tenant as well, or look the row up in the with check of the policy',
  },
  'rls/hides-own-rows': {
    severity: 'error',
    why: 'the policy holds for rows that are not there: the application sees nothing',
    fix: 'compare the tenant column of the table with the tenant that is set',
  },
  'rls/tenant-outlives-transaction': {
    severity: 'error',
    why: 'a session that is handed on by a pooler keeps the tenant of whoever had it before',
    fix: 'set it for the transaction alone: set_config(name, value, true)',
  },
  'rls/opened-by-setting': {
    severity: 'error',
    why: 'every role may set a setting of its own making: it is no secret and no privilege',
    fix: 'let a role pass, not a setting: create policy … to the_role',
  },
  'rls/view-shows-others': {
    severity: 'error',
    why: 'a view reads as its owner, and a materialized view has no policies at all',
    fix: 'set security_invoker on the view, or revoke select on it',
  },
  'rls/function-shows-others': {
    severity: 'error',
    why: 'a security definer function reads as its owner',
    fix: 'make it security invoker, or revoke execute on it',
  },
  'rls/definer-function': {
    severity: 'warning',
    why: 'a security definer function does as its owner what the caller’s policies would not allow',
    fix: 'make it security invoker; revoke execute on it; nothing to do if it compares the tenant itself',
  },
  'rls/not-tried': {
    severity: 'warning',
    why: 'no row could be made for a tenant, so nothing is proven about the table',
    fix: 'see the reason; rows are made from the table’s own constraints',
  },
} satisfies Readonly<Record<string, Rule>>

export type RuleId = keyof typeof rules

/** The rule of a slug; a team's own slugs have none. */
export const ruleOf = (id: string): Rule | undefined => (rules as Readonly<Record<string, Rule>>)[id]
