import { readdirSync, readFileSync } from 'node:fs'

const directory = new URL('sql/', import.meta.url)

/** One file of `sql/` per kind; its name is the kind. */
export const kinds: readonly string[] = readdirSync(directory)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -'.sql'.length).replaceAll('-', ' '))
  .toSorted()

type Phrase = (...args: string[]) => string
type Phrases = Readonly<Record<string, Phrase>>

const comment: Phrase = (catalog, oid, column = '0') =>
  `(select description from pg_description where objoid = ${oid} and classoid = ${catalog}::regclass and objsubid = ${column})`

/** What the queries of all kinds say in the same words: `$name(argument, …)`. */
const phrases = {
  privileges: (list, type, owner) => `to_json(coalesce(${list}, acldefault(${type}, ${owner}))::text[])`,
  // Not looked up where nobody made one, the schema public apart. PostgreSQL's own obj_description costs more than the rest of a row.
  comment: (catalog, oid, column) =>
    catalog === `'pg_namespace'`
      ? comment(catalog, oid)
      : `case when (select exists (select from pg_description where objoid >= 16384)) then ${comment(catalog, oid, column)} end`,
  sharedComment: (catalog, oid) =>
    `(select description from pg_shdescription where objoid = ${oid} and classoid = ${catalog}::regclass)`,
  // PostgreSQL's own objects, the schema public apart, have lower numbers: most rows of a catalog are theirs.
  standalone: (catalog, oid) =>
    `${catalog === `'pg_namespace'` ? '' : `${oid}::int8 >= 16384 and `}(${catalog}::regclass, ${oid}) not in (select classid, objid from member)`,
} satisfies Phrases

/** The same for those of the objects of `$1` alone, found by their number. */
const phrasesOfSome: Phrases = {
  ...phrases,
  comment,
  standalone: (catalog, oid) => `${oid} = any ($1::oid[])
    and not exists (select from member where classid = ${catalog}::regclass and objid = ${oid})`,
}

const fileOf = (kind: string): string => readFileSync(new URL(`${kind.replaceAll(' ', '-')}.sql`, directory), 'utf8')

const texts: ReadonlyMap<string, string> = new Map(kinds.map((kind) => [kind, fileOf(kind)]))

const queryOf = (kind: string, say: Phrases): string =>
  texts
    .get(kind)!
    .replaceAll(/\$(\w+)\(([^()]*)\)/g, (_, name: string, args: string) => say[name]!(...args.split(', ')))

// Once, and not at every reading.
const whole: ReadonlyMap<string, string> = new Map(kinds.map((kind) => [kind, queryOf(kind, phrases)]))

/** The first line of a kind's file: where it is read from, in a few words. */
export const sourceOf = (kind: string): string => texts.get(kind)!.split('\n')[0]!.replace('-- ', '')

/**
 * The catalog whose rows a kind's objects are read by, `pg_class` for all that is part of a relation; null for a kind
 * that is read as a whole.
 */
export const unitClassOf = (kind: string): string | null => unitClasses.get(kind)!
const unitClasses: ReadonlyMap<string, string | null> = new Map(
  kinds.map((kind) => {
    const text = texts.get(kind)!
    return [kind, /^from (rel c|col a)\b/m.test(text) ? 'pg_class' : (/\$standalone\('(\w+)'/.exec(text)?.[1] ?? null)]
  }),
)

/** `visible`: schemas that are not PostgreSQL's own. `member`: what belongs to an extension, or comes with a range type. */
const VISIBLE = `visible as materialized (
  select oid from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema'
)`
const MEMBER = `
  select classid, objid from pg_depend
  where deptype = 'e' or (deptype = 'i' and refclassid = 'pg_type'::regclass and classid in ('pg_proc'::regclass, 'pg_cast'::regclass))`

/** `rel`: what has a name in a visible schema, with it; `col`: its columns; `col_type`: their types by name. */
const relations = (materialized: string, isRead: string): string => `rel as ${materialized} (
  select c.*, n.nspname, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as path
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.oid in (select oid from visible) and ${isRead}
), col as ${materialized} (
  select c.path, a.*, row_number() over (partition by a.attrelid order by a.attnum) as position
  from rel c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind <> 'S' and a.attrelid::int8 >= 16384
), col_type as materialized (
  select d.*, t.typcollation, format_type(d.atttypid, d.atttypmod) as type, e.oid <> t.oid as array,
         quote_ident(n.nspname) || '.' || quote_ident(e.typname) as element
  from (select distinct atttypid, atttypmod from col) d join pg_type t on t.oid = d.atttypid
  join pg_type e on e.oid = case when t.typcategory = 'A' and t.typelem <> 0 and t.typtype = 'b' then t.typelem else t.oid end
  join pg_namespace n on n.oid = e.typnamespace
)`

/** `own_role`: roles that the connected role made (before 16 nothing says who did: those that came later). */
const SCOPE = `
with ${VISIBLE}, member as materialized (${MEMBER}
), ${relations('materialized', phrases.standalone(`'pg_class'`, 'c.oid'))}, own_role as materialized (
  select r.oid from pg_roles r
  where case when current_setting('server_version_num')::integer >= 160000
    then exists (select from pg_auth_members m join pg_roles o on o.oid = m.member
                 where m.roleid = r.oid and m.admin_option and o.rolname = current_user)
    else r.oid > (select o.oid from pg_roles o where o.rolname = current_user) and r.rolname !~ '^landfall_[0-9a-f]{10}$' end
)`

const SCOPE_OF_SOME = `
with ${VISIBLE}, member as not materialized (${MEMBER}
), ${relations('not materialized', phrasesOfSome['standalone']!(`'pg_class'`, 'c.oid'))}`

// The second line of most files says when there is anything to read. Planning a query costs more than asking that
// first: most databases have objects of a dozen kinds.
const conditionOf = (kind: string): string | null => /^-- if: (.*)$/m.exec(texts.get(kind)!)?.[1] ?? null

/** The kinds that may have objects, as an array `kinds`; exact, since what users make has a number from 16384 on. */
export const presenceQuery = `${SCOPE}, own_class as materialized (select distinct relkind from pg_class where oid >= 16384),
own_type as materialized (select distinct typtype from pg_type where oid >= 16384 and typcategory <> 'A')
select array_remove(array[${kinds
  .map((kind) => {
    const condition = conditionOf(kind)
    return condition === null ? `'${kind}'` : `case when exists (select from ${condition}) then '${kind}' end`
  })
  .join(',\n  ')}], null) as kinds`

const union = (these: readonly string[], textOf: (kind: string) => string): string =>
  these.map((kind) => `select '${kind}' as kind, q.* from (\n${textOf(kind)}) q`).join('\nunion all\n')

/** The objects of the given kinds in one statement. */
export const catalogQuery = (present: readonly string[]): string =>
  `${SCOPE}\n${union(present, (kind) => whole.get(kind)!)}`

/** The objects of one kind that are read by the rows `$1::oid[]` of its catalog. */
export const unitsQuery = (kind: string): string => some.get(kind)!
const some: ReadonlyMap<string, string> = new Map(
  kinds.map((kind) => [kind, `${SCOPE_OF_SOME}\n${union([kind], (one) => queryOf(one, phrasesOfSome))}`]),
)
