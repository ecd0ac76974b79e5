-- pg_index: indexes that are not the index of a constraint; partitions' own ones too, with the index that they belong to.
-- if: own_class where relkind in ('i', 'I')
select quote_ident(c.nspname) || '.' || quote_ident(i.relname) as name, c.path as relation, to_json(object) as definition, null::json as cosmetic, c.oid as unit
from rel c join pg_index x on x.indrelid = c.oid join pg_class i on i.oid = x.indexrelid
cross join lateral (select i.relname as name, pg_get_indexdef(i.oid) as definition, x.indisvalid as valid, $comment('pg_class', i.oid) as comment,
         case when i.relkind = 'I' or x.indisclustered or x.indisreplident or i.relispartition or x.indexprs is not null then json_build_object(
           'partitioned', i.relkind = 'I', 'clustered', x.indisclustered, 'replicaIdentity', x.indisreplident,
           'partOf', (select quote_ident(pn.nspname) || '.' || quote_ident(p.relname) from pg_inherits h join pg_class p on p.oid = h.inhparent
                      join pg_namespace pn on pn.oid = p.relnamespace where h.inhrelid = i.oid),
           'statistics', (select json_object_agg(a.attnum, a.attstattarget) from pg_attribute a where a.attrelid = i.oid and a.attstattarget >= 0)) end as rest) object
where not (x.indisunique or x.indisexclusion)
  or not exists (select from pg_constraint k where k.conrelid = x.indrelid and k.conindid = i.oid and k.contype in ('p', 'u', 'x'))
