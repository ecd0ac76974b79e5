-- pg_index: indexes that are not the index of a constraint.
select quote_ident(n.nspname) || '.' || quote_ident(i.relname) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       jsonb_build_object(
         'name', i.relname, 'definition', pg_get_indexdef(x.indexrelid), 'valid', x.indisvalid, 'clustered', x.indisclustered,
         'replicaIdentity', x.indisreplident, 'comment', obj_description(i.oid, 'pg_class')) as definition,
       '{}'::jsonb as cosmetic
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid join pg_namespace n on n.oid = c.relnamespace
where n.oid in (select oid from visible)
  and not exists (select from pg_constraint k where k.conindid = i.oid and k.contype in ('p', 'u', 'x')) and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
