-- pg_roles: roles that this run's owner made. They are cluster-wide: others belong to other databases and runs.
-- if: own_role
select quote_ident(r.rolname) as name,
       null::text as relation,
       json_build_object(
         'superuser', r.rolsuper, 'inherit', r.rolinherit, 'createRole', r.rolcreaterole, 'createDatabase', r.rolcreatedb, 'login', r.rolcanlogin,
         'replication', r.rolreplication, 'bypassRowSecurity', r.rolbypassrls, 'connectionLimit', r.rolconnlimit, 'validUntil', r.rolvaliduntil,
         'settings', to_json(r.rolconfig), 'comment', $sharedComment('pg_authid', r.oid)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_roles r
where r.oid in (select oid from own_role)
