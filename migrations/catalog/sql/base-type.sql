-- pg_type b, p: base types with their functions, and shell types; arrays come with their element type.
-- if: pg_type t where typtype in ('b', 'p') and typelem = 0 and typcategory <> 'A' and typrelid = 0 and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name,
       null::text as relation,
       json_build_object(
         'input', t.typinput::regproc::text, 'output', t.typoutput::regproc::text, 'receive', t.typreceive::regproc::text, 'send', t.typsend::regproc::text,
         'modifierInput', t.typmodin::regproc::text, 'modifierOutput', t.typmodout::regproc::text, 'analyze', t.typanalyze::regproc::text,
         'length', t.typlen, 'byValue', t.typbyval, 'alignment', t.typalign, 'storage', t.typstorage, 'category', t.typcategory, 'preferred', t.typispreferred,
         'delimiter', t.typdelim, 'default', t.typdefault, 'defined', t.typisdefined, 'collatable', t.typcollation <> 0, 'owner', pg_get_userbyid(t.typowner),
         'privileges', $privileges(t.typacl, 'T', t.typowner), 'comment', $comment('pg_type', t.oid)) as definition,
       null::json as cosmetic, t.oid as unit
from pg_type t join pg_namespace n on n.oid = t.typnamespace
where t.typtype in ('b', 'p') and t.typrelid = 0 and not exists (select from pg_type e where e.typarray = t.oid)
  and n.oid in (select oid from visible) and $standalone('pg_type', t.oid)
