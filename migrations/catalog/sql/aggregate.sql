-- pg_aggregate: aggregates, by their parts, since pg_get_functiondef refuses them.
-- if: pg_proc where prokind = 'a' and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
       null::text as relation,
       json_build_object(
         'kind', g.aggkind, 'transition', g.aggtransfn::regproc::text, 'final', g.aggfinalfn::regproc::text, 'combine', g.aggcombinefn::regproc::text,
         'state', format_type(g.aggtranstype, null), 'initial', g.agginitval, 'sort', g.aggsortop::regoper::text,
         'result', pg_get_function_result(p.oid), 'parallel', p.proparallel, 'transitionSpace', g.aggtransspace, 'deserial', nullif(g.aggdeserialfn, 0)::regproc::text, 'serial', nullif(g.aggserialfn, 0)::regproc::text,
         'movingTransition', nullif(g.aggmtransfn, 0)::regproc::text, 'movingInverse', nullif(g.aggminvtransfn, 0)::regproc::text, 'movingFinal', nullif(g.aggmfinalfn, 0)::regproc::text,
         'movingState', format_type(nullif(g.aggmtranstype, 0), null), 'movingInitial', g.aggminitval, 'finalExtra', g.aggfinalextra, 'owner', pg_get_userbyid(p.proowner),
         'privileges', $privileges(p.proacl, 'f', p.proowner),
         'comment', $comment('pg_proc', p.oid)) as definition,
       null::json as cosmetic, p.oid as unit
from pg_proc p join pg_aggregate g on g.aggfnoid = p.oid join pg_namespace n on n.oid = p.pronamespace
where n.oid in (select oid from visible) and $standalone('pg_proc', p.oid)
