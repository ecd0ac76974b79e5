-- pg_aggregate: aggregates, by their parts, since pg_get_functiondef refuses them.
select quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
       null::text as relation,
       jsonb_build_object(
         'kind', g.aggkind, 'transition', g.aggtransfn::regproc::text, 'final', g.aggfinalfn::regproc::text, 'combine', g.aggcombinefn::regproc::text,
         'state', format_type(g.aggtranstype, null), 'initial', g.agginitval, 'sort', g.aggsortop::regoper::text,
         'result', pg_get_function_result(p.oid), 'parallel', p.proparallel, 'owner', pg_get_userbyid(p.proowner),
         'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a),
         'comment', obj_description(p.oid, 'pg_proc')) as definition,
       '{}'::jsonb as cosmetic
from pg_aggregate g join pg_proc p on p.oid = g.aggfnoid join pg_namespace n on n.oid = p.pronamespace
where n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
