-- pg_proc f, p, w: functions, procedures and window functions, with their bodies and settings.
select quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
       null::text as relation,
       jsonb_build_object(
         'kind', p.prokind, 'definition', pg_get_functiondef(p.oid), 'owner', pg_get_userbyid(p.proowner),
         'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a),
         'comment', obj_description(p.oid, 'pg_proc')) as definition,
       '{}'::jsonb as cosmetic
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prokind in ('f', 'p', 'w') and n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
