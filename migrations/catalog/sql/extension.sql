-- pg_extension: extensions with their schema; what they bring is not listed object by object.
-- if: pg_extension where oid >= 16384
select quote_ident(e.extname) as name,
       null::text as relation,
       json_build_object('schema', n.nspname, 'version', e.extversion, 'comment', $comment('pg_extension', e.oid)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_extension e join pg_namespace n on n.oid = e.extnamespace
where e.extname <> 'plpgsql'
