-- pg_proc p: procedures with their bodies and settings.
-- if: pg_proc where prokind = 'p' and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
       null::text as relation,
       json_build_object(
         'definition', pg_get_functiondef(p.oid), 'owner', pg_get_userbyid(p.proowner),
         'privileges', $privileges(p.proacl, 'f', p.proowner),
         'comment', $comment('pg_proc', p.oid)) as definition,
       null::json as cosmetic, p.oid as unit
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prokind = 'p' and n.oid in (select oid from visible) and $standalone('pg_proc', p.oid)
