-- pg_class v: views.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
       null::text as relation,
       jsonb_build_object(
         'schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
         'query', pg_get_viewdef(c.oid), 'options', to_jsonb(c.reloptions), 'populated', c.relispopulated,
         'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a),
         'comment', obj_description(c.oid, 'pg_class')) as definition,
       '{}'::jsonb as cosmetic
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'v' and n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
