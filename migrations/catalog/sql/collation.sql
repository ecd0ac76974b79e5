-- pg_collation.
-- if: pg_collation where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(k.collname) as name,
       null::text as relation,
       json_build_object('definition', to_jsonb(k) - 'oid' - 'collnamespace' - 'collowner' - 'collversion', 'owner', pg_get_userbyid(k.collowner),
                          'comment', $comment('pg_collation', k.oid)) as definition,
       null::json as cosmetic, k.oid as unit
from pg_collation k join pg_namespace n on n.oid = k.collnamespace
where n.oid in (select oid from visible) and $standalone('pg_collation', k.oid)
