-- pg_attribute: columns; `element` is the declared type, or the element type of an array, by name.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       jsonb_build_object(
         'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
         'array', t.typcategory = 'A' and t.typelem <> 0 and t.typtype = 'b',
         'element', (select quote_ident(en.nspname) || '.' || quote_ident(e.typname) from pg_type e join pg_namespace en on en.oid = e.typnamespace
                     where e.oid = case when t.typcategory = 'A' and t.typelem <> 0 and t.typtype = 'b' then t.typelem else t.oid end),
         'notNull', a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
         'identity', a.attidentity, 'generated', a.attgenerated,
         'collation', (select quote_ident(cn.nspname) || '.' || quote_ident(co.collname) from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
                       where co.oid = a.attcollation and a.attcollation <> t.typcollation),
         'storage', a.attstorage, 'compression', a.attcompression, 'statistics', nullif(a.attstattarget, -1),
         'options', to_jsonb(a.attoptions), 'local', a.attislocal,
         'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(a.attacl) a),
         'comment', col_description(c.oid, a.attnum)) as definition,
       jsonb_build_object('position', row_number() over (partition by c.oid order by a.attnum)) as cosmetic
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
