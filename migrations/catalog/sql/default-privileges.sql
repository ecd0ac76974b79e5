-- pg_default_acl: default privileges.
-- if: pg_default_acl where oid >= 16384
select pg_get_userbyid(d.defaclrole) || ' ' || d.defaclobjtype::text || coalesce(' in ' || quote_ident(n.nspname), '') as name,
       null::text as relation,
       json_build_object('role', pg_get_userbyid(d.defaclrole), 'type', d.defaclobjtype, 'schema', quote_ident(n.nspname), 'privileges', to_json(d.defaclacl::text[])) as definition,
       null::json as cosmetic, null::oid as unit
from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
