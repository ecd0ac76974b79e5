-- pg_class f: foreign tables.
-- if: pg_class where relkind = 'f' and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
       null::text as relation,
       json_build_object(
         'schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
         'query', null::text, 'options', to_json(c.reloptions), 'populated', c.relispopulated,
         'server', (select s.srvname from pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = c.oid),
         'foreignOptions', (select to_json(f.ftoptions) from pg_foreign_table f where f.ftrelid = c.oid),
         'privileges', $privileges(c.relacl, 'r', c.relowner),
         'comment', $comment('pg_class', c.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'f' and n.oid in (select oid from visible) and $standalone('pg_class', c.oid)
