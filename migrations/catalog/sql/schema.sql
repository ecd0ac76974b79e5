-- pg_namespace: schemas; `visible` leaves out those of PostgreSQL itself.
select quote_ident(n.nspname) as name,
       null::text as relation,
       json_build_object(
         'owner', pg_get_userbyid(n.nspowner),
         'privileges', $privileges(n.nspacl, 'n', n.nspowner),
         'comment', $comment('pg_namespace', n.oid)) as definition,
       null::json as cosmetic, n.oid as unit
from pg_namespace n
where n.oid in (select oid from visible) and $standalone('pg_namespace', n.oid)
