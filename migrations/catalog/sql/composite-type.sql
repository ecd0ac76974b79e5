-- pg_class c: composite types that stand alone, with their attributes in order.
-- if: own_class where relkind = 'c'
select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name,
       null::text as relation,
       json_build_object(
         'attributes', (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                          'collation', (select quote_ident(kn.nspname) || '.' || quote_ident(k.collname) from pg_collation k join pg_namespace kn on kn.oid = k.collnamespace
                                        join pg_type b on b.oid = a.atttypid where k.oid = a.attcollation and a.attcollation <> b.typcollation),
                          'comment', $comment('pg_class', c.oid, a.attnum)) order by a.attnum)
                        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
         'owner', pg_get_userbyid(t.typowner), 'privileges', $privileges(t.typacl, 'T', t.typowner),
         'comment', $comment('pg_type', t.oid)) as definition,
       null::json as cosmetic, t.oid as unit
from pg_type t join pg_class c on c.oid = t.typrelid join pg_namespace n on n.oid = t.typnamespace
where c.relkind = 'c' and n.oid in (select oid from visible) and $standalone('pg_type', t.oid)
