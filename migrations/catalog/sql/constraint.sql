-- pg_constraint of tables: keys, foreign keys, checks, exclusions, and (from 18) not-null constraints.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(k.conname) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       jsonb_build_object(
         'name', k.conname, 'type', k.contype, 'definition', pg_get_constraintdef(k.oid),
         'columns', coalesce((select jsonb_agg(a.attname order by u.i) from unnest(k.conkey) with ordinality u(num, i)
                     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num), '[]'),
         'references', case when k.confrelid <> 0 then jsonb_build_object(
            'relation', (select quote_ident(fn.nspname) || '.' || quote_ident(f.relname) from pg_class f join pg_namespace fn on fn.oid = f.relnamespace where f.oid = k.confrelid),
            'columns', (select jsonb_agg(a.attname order by u.i) from unnest(k.confkey) with ordinality u(num, i)
                        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num)) end,
         'validated', k.convalidated, 'deferrable', k.condeferrable, 'deferred', k.condeferred,
         'local', k.conislocal, 'noInherit', k.connoinherit,
         'comment', obj_description(k.oid, 'pg_constraint')) as definition,
       '{}'::jsonb as cosmetic
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
where n.oid in (select oid from visible) and k.contype in ('p', 'u', 'f', 'c', 'x', 'n') and k.conparentid = 0 and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
