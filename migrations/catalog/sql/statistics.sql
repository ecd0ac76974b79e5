-- pg_statistic_ext: extended statistics.
select quote_ident(n.nspname) || '.' || quote_ident(s.stxname) as name,
       (select quote_ident(cn.nspname) || '.' || quote_ident(c.relname) from pg_class c join pg_namespace cn on cn.oid = c.relnamespace where c.oid = s.stxrelid) as relation,
       jsonb_build_object('definition', pg_get_statisticsobjdef(s.oid), 'target', nullif(s.stxstattarget, -1), 'owner', pg_get_userbyid(s.stxowner),
                          'comment', obj_description(s.oid, 'pg_statistic_ext')) as definition,
       '{}'::jsonb as cosmetic
from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace
where n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_statistic_ext'::regclass and e.objid = s.oid and e.deptype = 'e')
