-- pg_ts_template.
-- if: pg_ts_template where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(t.tmplname) as name,
       null::text as relation,
       json_build_object('init', nullif(t.tmplinit, 0)::regproc::text, 'lexize', t.tmpllexize::regproc::text, 'comment', $comment('pg_ts_template', t.oid)) as definition,
       null::json as cosmetic, t.oid as unit
from pg_ts_template t join pg_namespace n on n.oid = t.tmplnamespace
where n.oid in (select oid from visible) and $standalone('pg_ts_template', t.oid)
