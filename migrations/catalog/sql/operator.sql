-- pg_operator: operators with their function and their relatives.
-- if: pg_operator where oid >= 16384
select quote_ident(n.nspname) || '.' || o.oprname || '(' || coalesce(format_type(nullif(o.oprleft, 0), null), 'none') || ', ' || format_type(o.oprright, null) || ')' as name,
       null::text as relation,
       json_build_object(
         'schema', quote_ident(n.nspname), 'operator', o.oprname, 'left', format_type(nullif(o.oprleft, 0), null), 'right', format_type(o.oprright, null),
         'result', format_type(nullif(o.oprresult, 0), null), 'function', nullif(o.oprcode, 0)::regproc::text,
         'commutator', nullif(o.oprcom, 0)::regoperator::text, 'negator', nullif(o.oprnegate, 0)::regoperator::text,
         'restrict', nullif(o.oprrest, 0)::regproc::text, 'join', nullif(o.oprjoin, 0)::regproc::text, 'hashes', o.oprcanhash, 'merges', o.oprcanmerge,
         'owner', pg_get_userbyid(o.oprowner), 'comment', $comment('pg_operator', o.oid)) as definition,
       null::json as cosmetic, o.oid as unit
from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
where n.oid in (select oid from visible) and $standalone('pg_operator', o.oid)
