-- pg_range: range types.
-- if: own_type where typtype = 'r'
select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name,
       null::text as relation,
       json_build_object(
         'subtype', format_type(r.rngsubtype, null),
         'operatorClass', (select quote_ident(kn.nspname) || '.' || quote_ident(k.opcname) from pg_opclass k join pg_namespace kn on kn.oid = k.opcnamespace where k.oid = r.rngsubopc and not k.opcdefault),
         'collation', (select quote_ident(kn.nspname) || '.' || quote_ident(k.collname) from pg_collation k join pg_namespace kn on kn.oid = k.collnamespace
                       join pg_type b on b.oid = r.rngsubtype where k.oid = r.rngcollation and k.oid <> b.typcollation), 'multirange', format_type(r.rngmultitypid, null), 'canonical', r.rngcanonical::regproc::text, 'difference', r.rngsubdiff::regproc::text,
         'owner', pg_get_userbyid(t.typowner), 'privileges', $privileges(t.typacl, 'T', t.typowner),
         'comment', $comment('pg_type', t.oid)) as definition,
       null::json as cosmetic, t.oid as unit
from pg_type t join pg_range r on r.rngtypid = t.oid join pg_namespace n on n.oid = t.typnamespace
where n.oid in (select oid from visible) and $standalone('pg_type', t.oid)
