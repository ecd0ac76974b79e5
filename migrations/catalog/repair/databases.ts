import { grantStatements, literal, quoted, text, type Fields, type Statements } from './statements.ts'

/** The name of the database is not known to a script: it asks for it. */
const onDatabase = (statement: string): string =>
  `do $$ begin execute format(${literal(statement)}, current_database()); end $$;`

const database: Statements = {
  address: () => 'database',
  create: ({ definition: d }) => [
    ...(d['comment'] === null
      ? []
      : [onDatabase(`comment on database %I is ${literal(d['comment']).replaceAll('%', '%%')}`)]),
    ...(d['connectionLimit'] === -1
      ? []
      : [onDatabase(`alter database %I connection limit ${text(d['connectionLimit'])}`)]),
  ],
  drop: () => [onDatabase('comment on database %I is null'), onDatabase('alter database %I connection limit -1')],
  alter: {
    comment: (e) => [
      onDatabase(
        `comment on database %I is ${e.definition['comment'] === null ? 'null' : literal(e.definition['comment']).replaceAll('%', '%%')}`,
      ),
    ],
    connectionLimit: (e) => [onDatabase(`alter database %I connection limit ${text(e.definition['connectionLimit'])}`)],
    privileges: (e, a) =>
      grantStatements('database %I', e.definition['privileges'], a.definition['privileges']).map((each) =>
        onDatabase(each.slice(0, -1)),
      ),
  },
}

const databaseSetting: Statements = {
  address: ({ name }) => `database setting ${name}`,
  create: ({ name, definition: d }) => [
    onDatabase(`alter database %I set ${name} = ${literal(d['value']).replaceAll('%', '%%')}`),
  ],
  drop: ({ name }) => [onDatabase(`alter database %I reset ${name}`)],
  alter: { value: (e) => databaseSetting.create(e, []) },
}

const inDatabase = (d: Fields, clause: string): string =>
  onDatabase(`alter role ${quoted(text(d['role']))} in database %I ${clause}`)
const roleSetting: Statements = {
  address: ({ name }) => `role setting ${name}`,
  create: ({ definition: d }) => [
    inDatabase(d, `set ${text(d['setting'])} = ${literal(d['value']).replaceAll('%', '%%')}`),
  ],
  drop: ({ definition: d }) => [inDatabase(d, `reset ${text(d['setting'])}`)],
  alter: { value: (e) => roleSetting.create(e, []) },
}

/** What is said of the database itself. */
export const databaseStatements: Readonly<Record<string, Statements>> = {
  database,
  'database setting': databaseSetting,
  'role setting': roleSetting,
}
