-- pg_publication with its tables (columns, row filters) and schemas.
-- if: pg_publication where oid >= 16384
select quote_ident(p.pubname) as name,
       null::text as relation,
       json_build_object(
         'allTables', p.puballtables, 'insert', p.pubinsert, 'update', p.pubupdate, 'delete', p.pubdelete, 'truncate', p.pubtruncate, 'viaRoot', p.pubviaroot,
         'generatedColumns', to_jsonb(p) -> 'pubgencols',
         'tables', (select coalesce(json_agg(json_build_object('table', quote_ident(n.nspname) || '.' || quote_ident(c.relname), 'where', pg_get_expr(r.prqual, r.prrelid),
                      'columns', (select json_agg(quote_ident(a.attname) order by a.attnum) from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any (r.prattrs::int2[])))
                      order by n.nspname, c.relname), '[]')
                    from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace where r.prpubid = p.oid),
         'schemas', (select coalesce(json_agg(quote_ident(n.nspname) order by n.nspname), '[]') from pg_publication_namespace s join pg_namespace n on n.oid = s.pnnspid where s.pnpubid = p.oid),
         'owner', pg_get_userbyid(p.pubowner), 'comment', $comment('pg_publication', p.oid)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_publication p
