-- pg_default_acl: default privileges.
select pg_get_userbyid(d.defaclrole) || ' ' || d.defaclobjtype::text || coalesce(' in ' || quote_ident(n.nspname), '') as name,
       null::text as relation,
       jsonb_build_object('privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(d.defaclacl) a)) as definition,
       '{}'::jsonb as cosmetic
from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
