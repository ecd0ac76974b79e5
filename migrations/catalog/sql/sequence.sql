-- pg_sequence: sequences with the column that owns them; the current value is data, not schema.
-- if: own_class where relkind = 'S'
select c.path as name,
       null::text as relation,
       json_build_object(
         'type', format_type(s.seqtypid, null), 'start', s.seqstart::text, 'increment', s.seqincrement::text, 'min', s.seqmin::text,
         'max', s.seqmax::text, 'cache', s.seqcache::text, 'cycle', s.seqcycle, 'persistence', c.relpersistence,
         'ownedBy', (select quote_ident(tn.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(a.attname)
                     from pg_depend d join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
                     join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
                     where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')),
         'owner', pg_get_userbyid(c.relowner),
         'privileges', $privileges(c.relacl, 's', c.relowner),
         'comment', $comment('pg_class', c.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from rel c join pg_sequence s on s.seqrelid = c.oid
