-- pg_enum: enum types with their labels in order.
-- if: own_type where typtype = 'e'
select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name,
       null::text as relation,
       json_build_object(
         'labels', (select coalesce(json_agg(e.enumlabel order by e.enumsortorder), '[]') from pg_enum e where e.enumtypid = t.oid),
         'owner', pg_get_userbyid(t.typowner), 'privileges', $privileges(t.typacl, 'T', t.typowner),
         'comment', $comment('pg_type', t.oid)) as definition,
       null::json as cosmetic, t.oid as unit
from pg_type t join pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'e' and n.oid in (select oid from visible) and $standalone('pg_type', t.oid)
