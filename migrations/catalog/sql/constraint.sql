-- pg_constraint of tables: keys, foreign keys, checks, exclusions, and (from 18) not-null constraints.
-- if: pg_constraint where oid >= 16384
select c.path || '.' || quote_ident(k.conname) as name,
       c.path as relation,
       to_json(object) as definition,
       null::json as cosmetic, c.oid as unit
from rel c join pg_constraint k on k.conrelid = c.oid
left join col one on one.attrelid = k.conrelid and one.attnum = k.conkey[1]
left join pg_index x on x.indexrelid = k.conindid and x.indrelid = k.conrelid and k.contype in ('p', 'u', 'x')
cross join lateral (select k.conname as name, k.contype as type,
         -- What PostgreSQL's function says of these, in half the time: most constraints are of this kind.
         case when k.contype = 'n' and k.convalidated and not k.connoinherit then 'NOT NULL ' || quote_ident(one.attname) else pg_get_constraintdef(k.oid) end as definition,
         case when cardinality(k.conkey) = 1 then array[one.attname]
              else array(select a.attname from unnest(k.conkey) with ordinality u(num, i) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num order by u.i) end as columns,
         case when k.confrelid <> 0 then json_build_object(
            'relation', (select quote_ident(fn.nspname) || '.' || quote_ident(f.relname) from pg_class f join pg_namespace fn on fn.oid = f.relnamespace where f.oid = k.confrelid),
            'columns', (select json_agg(a.attname order by u.i) from unnest(k.confkey) with ordinality u(num, i)
                        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num)) end as references,
         $comment('pg_constraint', k.oid) as comment,
         case when not k.convalidated or k.condeferrable or not k.conislocal or k.connoinherit or x.indisclustered or x.indisreplident then json_build_object(
           'validated', k.convalidated, 'deferrable', k.condeferrable, 'deferred', k.condeferred, 'local', k.conislocal, 'noInherit', k.connoinherit,
           'clustered', coalesce(x.indisclustered, false), 'replicaIdentity', coalesce(x.indisreplident, false)) end as rest) object
where k.contype in ('p', 'u', 'f', 'c', 'x', 'n') and k.conparentid = 0
