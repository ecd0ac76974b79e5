-- pg_language: procedural languages that no extension brings.
-- if: pg_language where oid >= 16384
select quote_ident(l.lanname) as name,
       null::text as relation,
       json_build_object('trusted', l.lanpltrusted, 'handler', nullif(l.lanplcallfoid, 0)::regproc::text, 'inline', nullif(l.laninline, 0)::regproc::text,
                          'validator', nullif(l.lanvalidator, 0)::regproc::text, 'owner', pg_get_userbyid(l.lanowner),
                          'privileges', $privileges(l.lanacl, 'l', l.lanowner), 'comment', $comment('pg_language', l.oid)) as definition,
       null::json as cosmetic, l.oid as unit
from pg_language l
where l.lanispl and $standalone('pg_language', l.oid)
