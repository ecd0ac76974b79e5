-- pg_class r, p: tables, with partitioning, inheritance, row-level security and storage.
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
       null::text as relation,
       jsonb_build_object(
         'schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
         'persistence', c.relpersistence, 'options', to_jsonb(c.reloptions),
         'partitionKey', pg_get_partkeydef(c.oid), 'partitionBound', pg_get_expr(c.relpartbound, c.oid),
         'inherits', (select jsonb_agg(quote_ident(pn.nspname) || '.' || quote_ident(p.relname) order by i.inhseqno)
                      from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
                      where i.inhrelid = c.oid),
         'rowSecurity', c.relrowsecurity, 'forceRowSecurity', c.relforcerowsecurity,
         'replicaIdentity', c.relreplident, 'accessMethod', am.amname, 'ofType', nullif(c.reloftype, 0)::regtype::text,
         'tablespace', (select spcname from pg_tablespace where oid = c.reltablespace),
         'privileges', (select coalesce(jsonb_agg(case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee) end
         || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
         order by a.grantee = 0, pg_get_userbyid(a.grantee) collate "C", a.privilege_type collate "C"), '[]')
       from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a),
         'comment', obj_description(c.oid, 'pg_class')) as definition,
       '{}'::jsonb as cosmetic
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_am am on am.oid = c.relam
where c.relkind in ('r', 'p') and n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
