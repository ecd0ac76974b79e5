-- pg_trigger: triggers that people made.
-- if: pg_trigger where not tgisinternal and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(t.tgname) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       json_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled, 'comment', $comment('pg_trigger', t.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from pg_class c join pg_trigger t on t.tgrelid = c.oid join pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgparentid = 0 and n.oid in (select oid from visible) and $standalone('pg_class', c.oid)
