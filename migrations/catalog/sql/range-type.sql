-- pg_range: range types.
select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name,
       null::text as relation,
       jsonb_build_object(
         'subtype', format_type(r.rngsubtype, null), 'multirange', format_type(r.rngmultitypid, null), 'canonical', r.rngcanonical::regproc::text, 'difference', r.rngsubdiff::regproc::text,
         'owner', pg_get_userbyid(t.typowner), 'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a),
         'comment', obj_description(t.oid, 'pg_type')) as definition,
       '{}'::jsonb as cosmetic
from pg_range r join pg_type t on t.oid = r.rngtypid join pg_namespace n on n.oid = t.typnamespace
where n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e')
