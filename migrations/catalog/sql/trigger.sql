-- pg_trigger: triggers that people made.
-- if: pg_trigger where not tgisinternal and oid >= 16384
select c.path || '.' || quote_ident(t.tgname) as name,
       c.path as relation,
       json_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled, 'comment', $comment('pg_trigger', t.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from rel c join pg_trigger t on t.tgrelid = c.oid
where not t.tgisinternal and t.tgparentid = 0
