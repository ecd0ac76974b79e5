-- pg_attribute: columns; `element` is the declared type, or the element type of an array, by name.
-- if: own_class where relkind in ('r', 'p', 'v', 'm', 'f')
select a.path || '.' || quote_ident(a.attname) as name, a.path as relation, to_json(object) as definition, null::json as cosmetic, a.attrelid as unit
from col a join col_type t on t.atttypid = a.atttypid and t.atttypmod = a.atttypmod
cross join lateral (select a.position, a.attname as name, t.type, t.array, t.element, a.attnotnull as "notNull",
         case when a.atthasdef then (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum) end as default,
         a.attidentity as identity, a.attgenerated as generated, a.attstorage as storage, $comment('pg_class', a.attrelid, a.attnum) as comment,
         case when a.attcompression <> '' or a.attstattarget >= 0 or a.attoptions is not null or a.attfdwoptions is not null or not a.attislocal or a.attinhcount > 0
                or a.attacl is not null or a.attcollation <> t.typcollation then json_build_object(
           'collation', (select quote_ident(cn.nspname) || '.' || quote_ident(co.collname) from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
                         where co.oid = a.attcollation and a.attcollation <> t.typcollation),
           'compression', a.attcompression, 'statistics', nullif(a.attstattarget, -1), 'options',
           -- Minor releases of 15 to 17 count the versions of a column there, for themselves: pg_dump leaves them out too.
           to_json(nullif(array(select o from unnest(a.attoptions) with ordinality u (o, n) where o not like 'pg\_attver=%' order by n), '{}')), 'foreignOptions', to_json(a.attfdwoptions),
           'local', a.attislocal, 'inherited', a.attinhcount > 0, 'privileges', to_json(a.attacl::text[])) end as rest) object
