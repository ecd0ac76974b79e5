-- pg_rewrite: rules, except those that make a view a view.
-- if: pg_rewrite where rulename <> '_RETURN' and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(r.rulename) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       json_build_object('definition', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled, 'comment', $comment('pg_rewrite', r.oid)) as definition,
       '{}'::json as cosmetic
from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
where r.rulename <> '_RETURN' and n.oid in (select oid from visible) and $standalone('pg_class', c.oid)
