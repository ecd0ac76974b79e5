-- pg_class m: materialized views.
-- if: pg_class where relkind = 'm' and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
       null::text as relation,
       json_build_object(
         'schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
         'query', pg_get_viewdef(c.oid), 'options', to_json(c.reloptions), 'populated', c.relispopulated,
         'privileges', $privileges(c.relacl, 'r', c.relowner),
         'comment', $comment('pg_class', c.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'm' and n.oid in (select oid from visible) and $standalone('pg_class', c.oid)
