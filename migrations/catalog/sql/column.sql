-- pg_attribute: columns; `element` is the declared type, or the element type of an array, by name; `rest` is what few columns have.
-- if: pg_class where relkind in ('r', 'p', 'v', 'm', 'f') and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       to_json(object) as definition,
       json_build_object('position', row_number() over (partition by c.oid order by a.attnum)) as cosmetic, c.oid as unit
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
join pg_type e on e.oid = case when t.typcategory = 'A' and t.typelem <> 0 and t.typtype = 'b' then t.typelem else t.oid end
join pg_namespace en on en.oid = e.typnamespace
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
left join pg_description m on m.classoid = 'pg_class'::regclass and m.objoid = c.oid and m.objsubid = a.attnum
cross join lateral (select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, t.oid <> e.oid as array,
         quote_ident(en.nspname) || '.' || quote_ident(e.typname) as element,
         a.attnotnull as "notNull", case when d.oid is not null then pg_get_expr(d.adbin, d.adrelid) end as default,
         a.attidentity as identity, a.attgenerated as generated, a.attstorage as storage, m.description as comment,
         case when a.attcompression <> '' or a.attstattarget >= 0 or a.attoptions is not null or a.attfdwoptions is not null or not a.attislocal or a.attinhcount > 0
                or a.attacl is not null or a.attcollation <> t.typcollation then json_build_object(
           'collation', (select quote_ident(cn.nspname) || '.' || quote_ident(co.collname) from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
                         where co.oid = a.attcollation and a.attcollation <> t.typcollation),
           'compression', a.attcompression, 'statistics', nullif(a.attstattarget, -1), 'options', to_json(a.attoptions), 'foreignOptions', to_json(a.attfdwoptions),
           'local', a.attislocal, 'inherited', a.attinhcount > 0, 'privileges', to_json(a.attacl::text[])) end as rest) object
where a.attrelid::int8 >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'f') and n.oid in (select oid from visible) and $standalone('pg_class', c.oid)
