-- pg_statistic_ext: extended statistics.
-- if: pg_statistic_ext where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(s.stxname) as name,
       (select quote_ident(cn.nspname) || '.' || quote_ident(c.relname) from pg_class c join pg_namespace cn on cn.oid = c.relnamespace where c.oid = s.stxrelid) as relation,
       json_build_object('definition', pg_get_statisticsobjdef(s.oid), 'target', nullif(s.stxstattarget, -1), 'owner', pg_get_userbyid(s.stxowner),
                          'comment', $comment('pg_statistic_ext', s.oid)) as definition,
       null::json as cosmetic, s.oid as unit
from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace
where n.oid in (select oid from visible) and $standalone('pg_statistic_ext', s.oid)
