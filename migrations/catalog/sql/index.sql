-- pg_index: indexes that are not the index of a constraint; partitions' own ones too, with the index that they belong to.
-- if: pg_class where relkind in ('i', 'I') and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(i.relname) as name,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) as relation,
       json_build_object(
         'name', i.relname, 'definition', pg_get_indexdef(x.indexrelid), 'valid', x.indisvalid, 'partitioned', i.relkind = 'I', 'clustered', x.indisclustered,
         'replicaIdentity', x.indisreplident,
         'partOf', case when i.relispartition then (select quote_ident(pn.nspname) || '.' || quote_ident(p.relname) from pg_inherits h join pg_class p on p.oid = h.inhparent join pg_namespace pn on pn.oid = p.relnamespace
                    where h.inhrelid = i.oid) end,
         'statistics', case when x.indexprs is not null then (select json_object_agg(a.attnum, a.attstattarget) from pg_attribute a where a.attrelid = i.oid and a.attstattarget >= 0) end,
         'comment', m.description) as definition,
       null::json as cosmetic, c.oid as unit
from pg_class c join pg_index x on x.indrelid = c.oid join pg_class i on i.oid = x.indexrelid
left join pg_description m on m.classoid = 'pg_class'::regclass and m.objoid = i.oid and m.objsubid = 0 join pg_namespace n on n.oid = c.relnamespace
where n.oid in (select oid from visible)
  and (not (x.indisunique or x.indisexclusion)
    or not exists (select from pg_constraint k where k.conrelid = x.indrelid and k.conindid = i.oid and k.contype in ('p', 'u', 'x'))) and $standalone('pg_class', c.oid)
