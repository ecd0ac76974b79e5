-- pg_am: access methods for tables and indexes.
-- if: pg_am where oid >= 16384
select quote_ident(a.amname) as name,
       null::text as relation,
       json_build_object('type', a.amtype, 'handler', a.amhandler::regproc::text, 'comment', $comment('pg_am', a.oid)) as definition,
       null::json as cosmetic, a.oid as unit
from pg_am a
where a.oid >= 16384 and $standalone('pg_am', a.oid)
