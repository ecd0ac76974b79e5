-- pg_cast: casts; they have no schema, so those of PostgreSQL itself are told by their number.
-- if: pg_cast where oid >= 16384
select '(' || format_type(k.castsource, null) || ' as ' || format_type(k.casttarget, null) || ')' as name,
       null::text as relation,
       json_build_object('function', nullif(k.castfunc, 0)::regprocedure::text, 'context', k.castcontext, 'method', k.castmethod,
                          'comment', $comment('pg_cast', k.oid)) as definition,
       null::json as cosmetic, k.oid as unit
from pg_cast k
where k.oid >= 16384 and $standalone('pg_cast', k.oid)
