-- pg_type d: domains with their base type, default and constraints.
-- if: own_type where typtype = 'd'
select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name,
       null::text as relation,
       json_build_object(
         'type', format_type(t.typbasetype, t.typtypmod),
         'array', b.typcategory = 'A' and b.typelem <> 0 and b.typtype = 'b',
         'element', (select quote_ident(en.nspname) || '.' || quote_ident(e.typname) from pg_type e join pg_namespace en on en.oid = e.typnamespace
                     where e.oid = case when b.typcategory = 'A' and b.typelem <> 0 and b.typtype = 'b' then b.typelem else b.oid end),
         'notNull', t.typnotnull, 'default', t.typdefault,
         'constraints', (select coalesce(json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid), 'validated', k.convalidated, 'comment', $comment('pg_constraint', k.oid))
                         order by k.conname), '[]') from pg_constraint k where k.contypid = t.oid and k.contype = 'c'),
         'collation', (select quote_ident(kn.nspname) || '.' || quote_ident(co.collname) from pg_collation co join pg_namespace kn on kn.oid = co.collnamespace where co.oid = t.typcollation and t.typcollation <> b.typcollation),
         'owner', pg_get_userbyid(t.typowner), 'privileges', $privileges(t.typacl, 'T', t.typowner),
         'comment', $comment('pg_type', t.oid)) as definition,
       null::json as cosmetic, t.oid as unit
from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_type b on b.oid = t.typbasetype
where t.typtype = 'd' and n.oid in (select oid from visible) and $standalone('pg_type', t.oid)
