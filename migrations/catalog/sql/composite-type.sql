-- pg_class c: composite types that stand alone, with their attributes in order.
select quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name,
       null::text as relation,
       jsonb_build_object(
         'attributes', (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
                        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
         'owner', pg_get_userbyid(t.typowner), 'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a),
         'comment', obj_description(t.oid, 'pg_type')) as definition,
       '{}'::jsonb as cosmetic
from pg_type t join pg_class c on c.oid = t.typrelid join pg_namespace n on n.oid = t.typnamespace
where c.relkind = 'c' and n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e')
