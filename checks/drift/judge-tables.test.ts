import { expect, test } from 'vitest'
import { driftOf, linesOf, TASK, TASKS } from '../../fixtures/drift.ts'

test('insert types are judged by what an insert would fail on', async () => {
  const sql = `create table tasks (
    id int8 generated always as identity primary key, project_id text not null references projects, title text not null,
    state text not null default 'open', slug text generated always as (lower(title)) stored, rank int4 not null,
    created_at timestamptz not null default now(), note text not null);`
  const domain = `export interface Project { id: string }
export interface Task {
  id: string
  projectId: string
  title: string
  state: string
  slug: string | null
  rank: number
  createdAt: Date
  note: string
}
export type NewTask = Omit<Task, 'id' | 'rank' | 'projectId'> & { note: string | null }
export interface CreateTaskInput { title: string; state?: string; tagNames: string[] }
export type TaskPatch = Partial<Task>
export type TaskCard = Pick<Task, 'id' | 'title'>
`
  const fact = await driftOf(`create table projects (id text primary key); ${sql}`, domain)
  expect([fact.pairs.map(({ type, shape }) => `${type} ${shape}`), linesOf(fact)]).toEqual([
    ['Project row', 'CreateTaskInput insert', 'NewTask insert', 'Task row', 'TaskCard projection', 'TaskPatch update'],
    [
      'drift/generated-in-insert public.tasks.slug :12',
      'drift/required-although-default public.tasks.created_at :12',
      'drift/required-column-absent public.tasks.rank :12',
    ],
  ])
})

test('tables without types and types without tables are told; helpers of the domain are not', async () => {
  const sql = `${TASKS} create table outbox (id text primary key, body text not null);
    create table raw_log (line text); create table schema_migrations (version text);
    create table tags (id text primary key); create table task_tags (task_id uuid references tasks, tag_id text references tags);`
  const domain = `${TASK}
export interface Tag { id: string }
export interface Ghost { id: string; name: string }
export interface TaskFilter { id: string; status?: string }
export interface TaskWithTags extends Task { tags: Tag[] }
export interface TaskRepository { get(id: string): Promise<Task> }
export interface Page<T> { id: string; items: T[] }
export interface Address { street: string }
export interface Versioned { id: string; version: number }
export interface Draft extends Versioned { id: string; body: string; meta: Meta }
export interface Meta { id: string }
export type Status = 'open' | 'done'
export type Listener = (task: Task) => void
export class NotFound extends Error { constructor(readonly id: string) { super(id) } }
`
  const fact = await driftOf(sql, domain, { tables: { raw_log: false }, types: { Draft: false } })
  expect([linesOf(fact), fact.pairs.map(({ type, shape }) => `${type} ${shape}`)]).toEqual([
    ['drift/type-without-table - :10', 'drift/table-without-type public.outbox'],
    ['Tag row', 'Task row', 'TaskWithTags join'],
  ])
})

test('a table that was renamed is offered to the type that lost it', async () => {
  const { differences } = await driftOf(
    `${TASKS} create table notes (id text primary key, body text not null); alter table notes rename to memos`,
    `${TASK}export interface Note { id: string; body: string }`,
  )
  expect(differences.map(({ message, fix }) => [message, fix.typescript])).toEqual([
    ['Note stands for no table; public.memos has its columns but not its name', '/** @landfall-table memos */'],
    [
      'public.memos has no type; Note has its properties but not its name',
      '/** @landfall-table memos */ on Note, or tables: { memos: false } in the config',
    ],
  ])
})

test('tags tie types and columns, and silence one rule with a reason; what does nothing is told', async () => {
  const domain = `/**
 * Work.
 * @landfall-table tasks
 * @landfall-ignore drift/missing-property estimates are secret
 */
export interface Job {
  id: string
  /** @landfall-column title */
  headline: string
  /** @landfall-ignore drift/value-missing-in-type done is never read */
  status: 'open'
  dueAt: Date | null /** @landfall-ignore drift/too-wide behind */
}
/** @landfall-table nowhere */
export interface Lost { id: string }
/** @landfall-ignore drift/too-wide never needed */
export interface Idle { name: string }
/** @landfall-ignore drift/too-wide */
export interface Silent { name: string }
`
  expect((await driftOf(TASKS, domain)).differences.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
    'drift/tag-not-attached: @landfall-ignore belongs to no type and no property',
    'drift/names-nothing: @landfall-table: there is no table "nowhere" for Lost',
    'drift/unused-ignore: @landfall-ignore drift/too-wide never needed ignores nothing',
    'drift/tag-not-attached: @landfall-ignore drift/too-wide lacks its reason',
  ])
})

test('a type that two tables may be meant by, or that shares only a name, is asked about', async () => {
  const sql = `${TASKS} create table user_data (id text primary key); create table userdata (id text primary key);
    create table members (project_id text, user_id text, role text);`
  const domain = `${TASK}
export interface UserData { id: string }
export interface Member { name: string; email: string; avatar: string; role: string }
`
  expect((await driftOf(sql, domain)).differences.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
    'drift/ambiguous-match: UserData may stand for public.user_data, public.userdata: nothing of it is compared',
    'drift/ambiguous-match: Member is named like public.members, but shares few of its columns: nothing of it is compared',
  ])
})

test('what an API answers or a form sends has the name of a table and little of its row: it is asked about, not judged', async () => {
  const columns = ['name', 'bio', 'url', 'plan', 'score', 'created_by']
    .map((name) => `${name} text not null`)
    .join(', ')
  const asked = async (properties: string): Promise<boolean> => {
    const { differences } = await driftOf(
      `create table members (id uuid primary key, ${columns}); create table notes (id int primary key)`,
      `export interface Note { id: number }\nexport interface Member { ${properties} }`,
    )
    return differences.some(({ rule }) => rule === 'drift/ambiguous-match')
  }
  expect([
    await asked('memberId: string'),
    await asked('name: string; bio: string; url: string'),
    await asked('id: string; name: string; fullName: string'),
    await asked('id: string; name: string; bio: string; url: string; a: 1; b: 2; c: 3; d: 4; e: 5'),
    await asked('id: string; name: string'),
    await asked('id: string; name: string; bio: string; url: string; plan: string; rating: number'),
  ]).toEqual([true, true, true, true, false, false])
})
