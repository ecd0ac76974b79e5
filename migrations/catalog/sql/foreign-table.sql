-- pg_class f: foreign tables.
-- if: own_class where relkind = 'f'
select c.path as name,
       null::text as relation,
       json_build_object(
         'schema', c.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
         'query', null::text, 'options', to_json(c.reloptions), 'populated', c.relispopulated,
         'server', (select s.srvname from pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = c.oid),
         'foreignOptions', (select to_json(f.ftoptions) from pg_foreign_table f where f.ftrelid = c.oid),
         'privileges', $privileges(c.relacl, 'r', c.relowner),
         'comment', $comment('pg_class', c.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from rel c
where c.relkind = 'f'
