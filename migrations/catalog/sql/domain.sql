-- pg_type d: domains with their base type, default and constraints.
select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name,
       null::text as relation,
       jsonb_build_object(
         'type', format_type(t.typbasetype, t.typtypmod),
         'array', b.typcategory = 'A' and b.typelem <> 0 and b.typtype = 'b',
         'element', (select quote_ident(en.nspname) || '.' || quote_ident(e.typname) from pg_type e join pg_namespace en on en.oid = e.typnamespace
                     where e.oid = case when b.typcategory = 'A' and b.typelem <> 0 and b.typtype = 'b' then b.typelem else b.oid end),
         'notNull', t.typnotnull, 'default', t.typdefault,
         'constraints', (select coalesce(jsonb_agg(jsonb_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated)
                         order by k.conname), '[]') from pg_constraint k where k.contypid = t.oid),
         'collation', (select co.collname from pg_collation co where co.oid = t.typcollation and t.typcollation <> b.typcollation),
         'owner', pg_get_userbyid(t.typowner), 'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a),
         'comment', obj_description(t.oid, 'pg_type')) as definition,
       '{}'::jsonb as cosmetic
from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_type b on b.oid = t.typbasetype
where t.typtype = 'd' and n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e')
