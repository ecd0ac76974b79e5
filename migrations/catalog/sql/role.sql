-- pg_roles: roles that this run's owner made. They are cluster-wide: others belong to other databases and runs.
select quote_ident(r.rolname) as name,
       null::text as relation,
       jsonb_build_object(
         'superuser', r.rolsuper, 'inherit', r.rolinherit, 'createRole', r.rolcreaterole, 'createDatabase', r.rolcreatedb, 'login', r.rolcanlogin,
         'replication', r.rolreplication, 'bypassRowSecurity', r.rolbypassrls, 'connectionLimit', r.rolconnlimit, 'validUntil', r.rolvaliduntil,
         'settings', to_jsonb(r.rolconfig),
         'memberOf', (select coalesce(jsonb_agg(g.rolname order by g.rolname), '[]') from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid),
         'comment', shobj_description(r.oid, 'pg_authid')) as definition,
       '{}'::jsonb as cosmetic
from pg_roles r
where exists (select from pg_auth_members m join pg_roles o on o.oid = m.member
              where m.roleid = r.oid and m.admin_option and o.rolname = current_user)
