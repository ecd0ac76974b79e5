-- pg_namespace: schemas; `visible` leaves out those of PostgreSQL itself.
select quote_ident(n.nspname) as name,
       null::text as relation,
       jsonb_build_object(
         'owner', pg_get_userbyid(n.nspowner),
         'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a),
         'comment', obj_description(n.oid, 'pg_namespace')) as definition,
       '{}'::jsonb as cosmetic
from pg_namespace n
where n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_namespace'::regclass and e.objid = n.oid and e.deptype = 'e')
