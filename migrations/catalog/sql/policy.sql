-- pg_policy: row-level security policies.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(p.polname) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       jsonb_build_object(
         'command', p.polcmd, 'permissive', p.polpermissive, 'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
         'roles', (select jsonb_agg(case when r = 0 then 'PUBLIC' else pg_get_userbyid(r) end order by 1) from unnest(p.polroles) r),
         'comment', obj_description(p.oid, 'pg_policy')) as definition,
       '{}'::jsonb as cosmetic
from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
where n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
