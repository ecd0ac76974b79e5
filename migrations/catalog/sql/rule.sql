-- pg_rewrite: rules, except those that make a view a view.
-- if: pg_rewrite where rulename <> '_RETURN' and oid >= 16384
select c.path || '.' || quote_ident(r.rulename) as name,
       c.path as relation,
       json_build_object('definition', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled, 'comment', $comment('pg_rewrite', r.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from rel c join pg_rewrite r on r.ev_class = c.oid
where r.rulename <> '_RETURN'
