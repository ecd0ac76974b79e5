-- pg_opfamily with the operators and functions that belong to no class of it.
-- if: pg_opfamily where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(f.opfname) || ' using ' || quote_ident(m.amname) as name,
       null::text as relation,
       json_build_object(
         'method', m.amname,
         'operators', (select coalesce(json_agg(json_build_object('strategy', a.amopstrategy, 'operator', a.amopopr::regoperator::text, 'sortFamily',
                         (select quote_ident(sn.nspname) || '.' || quote_ident(s.opfname) from pg_opfamily s join pg_namespace sn on sn.oid = s.opfnamespace where s.oid = a.amopsortfamily))
                         order by a.amopstrategy, a.amopopr::regoperator::text), '[]')
                       from pg_depend d join pg_amop a on a.oid = d.objid where d.classid = 'pg_amop'::regclass and d.refclassid = 'pg_opfamily'::regclass and d.refobjid = f.oid),
         'functions', (select coalesce(json_agg(json_build_object('support', a.amprocnum, 'function', a.amproc::regprocedure::text, 'left', format_type(a.amproclefttype, null), 'right', format_type(a.amprocrighttype, null))
                         order by a.amprocnum, a.amproc::regprocedure::text), '[]')
                       from pg_depend d join pg_amproc a on a.oid = d.objid where d.classid = 'pg_amproc'::regclass and d.refclassid = 'pg_opfamily'::regclass and d.refobjid = f.oid),
         'owner', pg_get_userbyid(f.opfowner), 'comment', $comment('pg_opfamily', f.oid)) as definition,
       null::json as cosmetic, f.oid as unit
from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace join pg_am m on m.oid = f.opfmethod
where n.oid in (select oid from visible) and $standalone('pg_opfamily', f.oid)
