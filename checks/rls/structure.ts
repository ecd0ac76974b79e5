import type { ISql } from 'postgres'
import { LandfallError } from '../../migrations/error.ts'
import type { Guard } from './isolation.ts'

/** Why row-level security is nothing to a role, or null: it is above it, or may become somebody who is. */
export async function bypassOf(sql: ISql, role: string): Promise<string | null> {
  const [known] = await sql`select from pg_roles where rolname = ${role}`
  if (!known) {
    throw new LandfallError('usage', 'rls/no-role', `rls.role: there is no role "${role}" after all migrations`, {
      next: 'make it in a migration, or in the prelude: a role belongs to the cluster',
    })
  }
  const [above] = await sql<{ name: string; power: string }[]>`
    select r.rolname as name,
      case when r.rolsuper then 'is a superuser' when r.rolbypassrls then 'has BYPASSRLS' else format('owns %s', owned.name) end as power
    from pg_roles r
    left join lateral (select c.oid::regclass::text as name from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p') limit 1) owned on true
    where (r.rolsuper or r.rolbypassrls or owned.name is not null)
      and (r.rolname = ${role} or (pg_has_role(${role}::name, r.oid, 'member') and not (select rolsuper from pg_roles where rolname = ${role})))
    order by r.rolname = ${role} desc, 1 limit 1`
  if (!above) return null
  return above.name === role ? `${role} ${above.power}` : `${role} may become ${above.name}, which ${above.power}`
}

/** What the catalog says of the tables: their protection, and what the role may do. */
export const guardsOf = (sql: ISql, role: string, tables: readonly string[]) => sql<Guard[]>`
  select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as table,
    c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    has_schema_privilege(${role}::name, n.oid, 'usage') and has_any_column_privilege(${role}::name, c.oid, 'select, insert, update')
      or has_table_privilege(${role}::name, c.oid, 'select, insert, update, delete, truncate') as granted,
    has_table_privilege(${role}::name, c.oid, 'truncate') as "mayTruncate",
    (select coalesce(jsonb_agg(jsonb_build_object(
       'name', quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(p.polname), 'permissive', p.polpermissive,
       'command', p.polcmd, 'using', pg_get_expr(p.polqual, c.oid), 'check', pg_get_expr(p.polwithcheck, c.oid)) order by p.polname), '[]')
     from pg_policy p where p.polrelid = c.oid
       and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(${role}::name, r, 'usage'))) as policies
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where quote_ident(n.nspname) || '.' || quote_ident(c.relname) = any(${[...tables]})
  order by 1`

/** Columns that the role may write, by table. */
export async function writableColumns(
  sql: ISql,
  role: string,
): Promise<ReadonlyMap<string, { readonly insert: ReadonlySet<string>; readonly update: ReadonlySet<string> }>> {
  const rows = await sql<{ table: string; insert: string[]; update: string[] }[]>`
    select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as table,
      coalesce(array_agg(a.attname::text order by a.attnum) filter (where has_column_privilege(${role}::name, c.oid, a.attnum, 'insert')), '{}') as insert,
      coalesce(array_agg(a.attname::text order by a.attnum) filter (where has_column_privilege(${role}::name, c.oid, a.attnum, 'update')), '{}') as update
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' group by 1`
  return new Map(rows.map(({ table, insert, update }) => [table, { insert: new Set(insert), update: new Set(update) }]))
}

/** Functions that run as somebody else than who calls them, and that the role may call. */
export const definersOf = async (sql: ISql, role: string): Promise<string[]> =>
  (
    await sql<{ name: string }[]>`
      select quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where p.prosecdef and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype) and p.proowner <> ${role}::regrole
        and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
        and has_schema_privilege(${role}::name, n.oid, 'usage') and has_function_privilege(${role}::name, p.oid, 'execute')
        and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
      order by 1`
  ).map(({ name }) => name)

/** What the role can read, or call without arguments, and that may look further than it. */
export const indirections = (sql: ISql, role: string) => sql<
  { kind: 'view' | 'materialized view' | 'function'; name: string; query: string }[]
>`
  select case c.relkind when 'v' then 'view' else 'materialized view' end as kind,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
    format('select v::text as row from %I.%I as v', n.nspname, c.relname) as query
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    and has_schema_privilege(${role}::name, n.oid, 'usage') and has_table_privilege(${role}::name, c.oid, 'select')
    and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
  union all
  select 'function', quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    format('select f::text as row from %I.%I() as f', n.nspname, p.proname)
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where p.prosecdef and p.prokind = 'f' and p.pronargs = p.pronargdefaults and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    and has_schema_privilege(${role}::name, n.oid, 'usage') and has_function_privilege(${role}::name, p.oid, 'execute')
    and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
  order by 2`
