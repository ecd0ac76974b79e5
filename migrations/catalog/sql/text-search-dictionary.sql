-- pg_ts_dict.
-- if: pg_ts_dict where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(d.dictname) as name,
       null::text as relation,
       json_build_object('template', quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname), 'options', d.dictinitoption,
                          'owner', pg_get_userbyid(d.dictowner), 'comment', $comment('pg_ts_dict', d.oid)) as definition,
       null::json as cosmetic, d.oid as unit
from pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace join pg_ts_template t on t.oid = d.dicttemplate join pg_namespace tn on tn.oid = t.tmplnamespace
where n.oid in (select oid from visible) and $standalone('pg_ts_dict', d.oid)
