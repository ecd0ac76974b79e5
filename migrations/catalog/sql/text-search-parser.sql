-- pg_ts_parser.
-- if: pg_ts_parser where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(p.prsname) as name,
       null::text as relation,
       json_build_object('start', p.prsstart::regproc::text, 'token', p.prstoken::regproc::text, 'end', p.prsend::regproc::text,
                          'headline', nullif(p.prsheadline, 0)::regproc::text, 'types', p.prslextype::regproc::text, 'comment', $comment('pg_ts_parser', p.oid)) as definition,
       null::json as cosmetic, p.oid as unit
from pg_ts_parser p join pg_namespace n on n.oid = p.prsnamespace
where n.oid in (select oid from visible) and $standalone('pg_ts_parser', p.oid)
