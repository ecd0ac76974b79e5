-- pg_rewrite: rules, except those that make a view a view.
-- if: pg_rewrite where rulename <> '_RETURN' and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(r.rulename) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       json_build_object('definition', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled, 'comment', $comment('pg_rewrite', r.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from pg_class c join pg_rewrite r on r.ev_class = c.oid join pg_namespace n on n.oid = c.relnamespace
where r.rulename <> '_RETURN' and n.oid in (select oid from visible) and $standalone('pg_class', c.oid)
