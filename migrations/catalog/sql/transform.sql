-- pg_transform.
-- if: pg_transform where oid >= 16384
select 'for ' || format_type(t.trftype, null) || ' language ' || quote_ident(l.lanname) as name,
       null::text as relation,
       json_build_object('from', nullif(t.trffromsql, 0)::regprocedure::text, 'to', nullif(t.trftosql, 0)::regprocedure::text,
                          'comment', $comment('pg_transform', t.oid)) as definition,
       null::json as cosmetic, t.oid as unit
from pg_transform t join pg_language l on l.oid = t.trflang
where $standalone('pg_transform', t.oid)
