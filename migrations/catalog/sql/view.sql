-- pg_class v: views.
-- if: own_class where relkind = 'v'
select c.path as name,
       null::text as relation,
       json_build_object(
         'schema', c.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
         'query', pg_get_viewdef(c.oid), 'options', to_json(c.reloptions), 'populated', c.relispopulated,
         'privileges', $privileges(c.relacl, 'r', c.relowner),
         'comment', $comment('pg_class', c.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from rel c
where c.relkind = 'v'
