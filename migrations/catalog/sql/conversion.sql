-- pg_conversion: conversions between encodings.
-- if: pg_conversion where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(k.conname) as name,
       null::text as relation,
       json_build_object('from', pg_encoding_to_char(k.conforencoding), 'to', pg_encoding_to_char(k.contoencoding), 'function', k.conproc::regproc::text,
                          'default', k.condefault, 'owner', pg_get_userbyid(k.conowner), 'comment', $comment('pg_conversion', k.oid)) as definition,
       null::json as cosmetic, k.oid as unit
from pg_conversion k join pg_namespace n on n.oid = k.connamespace
where n.oid in (select oid from visible) and $standalone('pg_conversion', k.oid)
