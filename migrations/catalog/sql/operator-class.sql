-- pg_opclass; what belongs to the class itself depends on it, what was added later belongs to the family alone.
-- if: pg_opclass where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(k.opcname) || ' using ' || quote_ident(m.amname) as name,
       null::text as relation,
       json_build_object(
         'family', quote_ident(fn.nspname) || '.' || quote_ident(f.opfname), 'method', m.amname, 'type', format_type(k.opcintype, null), 'default', k.opcdefault,
         'storage', format_type(nullif(k.opckeytype, 0), null),
         'operators', (select coalesce(json_agg(json_build_object('strategy', a.amopstrategy, 'operator', a.amopopr::regoperator::text, 'sortFamily',
                         (select quote_ident(sn.nspname) || '.' || quote_ident(s.opfname) from pg_opfamily s join pg_namespace sn on sn.oid = s.opfnamespace where s.oid = a.amopsortfamily))
                         order by a.amopstrategy, a.amopopr::regoperator::text), '[]')
                       from pg_depend d join pg_amop a on a.oid = d.objid where d.classid = 'pg_amop'::regclass and d.refclassid = 'pg_opclass'::regclass and d.refobjid = k.oid),
         'functions', (select coalesce(json_agg(json_build_object('support', a.amprocnum, 'function', a.amproc::regprocedure::text) order by a.amprocnum), '[]')
                       from pg_depend d join pg_amproc a on a.oid = d.objid where d.classid = 'pg_amproc'::regclass and d.refclassid = 'pg_opclass'::regclass and d.refobjid = k.oid),
         'owner', pg_get_userbyid(k.opcowner), 'comment', $comment('pg_opclass', k.oid)) as definition,
       null::json as cosmetic, k.oid as unit
from pg_opclass k join pg_namespace n on n.oid = k.opcnamespace join pg_am m on m.oid = k.opcmethod
join pg_opfamily f on f.oid = k.opcfamily join pg_namespace fn on fn.oid = f.opfnamespace
where n.oid in (select oid from visible) and $standalone('pg_opclass', k.oid)
