import { expect, inject, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { connect } from '../server/databases.ts'
import { readCatalog } from './read.ts'
import { relationsOf } from './relations.ts'

test('an empty database has a schema and nothing else', async () => {
  await using db = await freshDatabase()
  const { objects } = await readCatalog(db.sql)
  expect(objects.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['schema public'])
})

test('relations come with columns in order, types unwrapped and constraints', async () => {
  await using db = await freshDatabase({ schema: 'app' })
  await db.sql.unsafe(`
    create type mood as enum ('sad', 'ok');
    create domain positive as integer not null check (value > 0);
    create table "Odd name" (id bigint generated always as identity primary key, mood mood, moods mood[] not null, n positive, ns positive[], label varchar(20) default 'x');
    create table child (parent bigint not null references "Odd name" (id) on delete cascade);`)
  const relations = relationsOf(await readCatalog(db.sql))
  expect(relations.map(({ qualified, kind }) => ({ qualified, kind }))).toEqual([
    { qualified: 'app."Odd name"', kind: 'table' },
    { qualified: 'app.child', kind: 'table' },
  ])
  const column = {
    domain: null,
    domainChecks: [],
    enumLabels: null,
    notNull: false,
    default: null,
    identity: '',
    generated: '',
    array: false,
  }
  const positive = {
    domain: 'app.positive',
    name: 'positive_check',
    definition: 'CHECK ((VALUE > 0))',
    validated: true,
    ofElements: false,
  }
  expect(relations[0]!.columns).toEqual([
    {
      ...column,
      name: 'id',
      position: 1,
      type: 'bigint',
      baseType: 'int8',
      baseKind: 'b',
      notNull: true,
      identity: 'a',
    },
    {
      ...column,
      name: 'mood',
      position: 2,
      type: 'app.mood',
      baseType: 'mood',
      baseKind: 'e',
      enumLabels: ['sad', 'ok'],
    },
    {
      ...column,
      name: 'moods',
      position: 3,
      type: 'app.mood[]',
      baseType: 'mood',
      baseKind: 'e',
      enumLabels: ['sad', 'ok'],
      array: true,
      notNull: true,
    },
    {
      ...column,
      name: 'n',
      position: 4,
      type: 'app.positive',
      baseType: 'int4',
      baseKind: 'b',
      domain: 'app.positive',
      domainChecks: [positive],
      notNull: true,
    },
    {
      ...column,
      name: 'ns',
      position: 5,
      type: 'app.positive[]',
      baseType: 'int4',
      baseKind: 'b',
      domain: 'app.positive',
      domainChecks: [{ ...positive, ofElements: true }],
      array: true,
    },
    {
      ...column,
      name: 'label',
      position: 6,
      type: 'character varying(20)',
      baseType: 'varchar',
      baseKind: 'b',
      default: "'x'::character varying",
    },
  ])
  expect(relations[1]!.constraints).toEqual([
    {
      name: 'child_parent_fkey',
      type: 'f',
      columns: ['parent'],
      references: { relation: 'app."Odd name"', columns: ['id'] },
      definition: 'FOREIGN KEY (parent) REFERENCES app."Odd name"(id) ON DELETE CASCADE',
      validated: true,
    },
    ...(Number.parseInt(inject('serverVersion'), 10) < 18 ? [] : [notNull]),
  ])
})

/** An object of its own from PostgreSQL 18 on. */
const notNull = {
  name: 'child_parent_not_null',
  type: 'n',
  columns: ['parent'],
  references: null,
  definition: 'NOT NULL parent',
  validated: true,
}

test('what minor releases of 15 to 17 count in the options of a column is no option', async () => {
  await using db = await freshDatabase()
  await db.sql`create table a (plain int, tuned int)`
  const superuser = connect(db.superuserUrl)
  await superuser`update pg_attribute set attoptions = '{pg_attver=7}' where attrelid = 'a'::regclass and attname = 'plain'`
  await superuser`update pg_attribute set attoptions = '{n_distinct=5,pg_attver=8}' where attrelid = 'a'::regclass and attname = 'tuned'`
  await superuser.end()
  const { objects } = await readCatalog(db.sql)
  expect(objects.filter(({ kind }) => kind === 'column').map(({ definition }) => definition['options'])).toEqual([
    null,
    ['n_distinct=5'],
  ])
})
