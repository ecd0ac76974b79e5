-- pg_publication with its tables.
select quote_ident(p.pubname) as name,
       null::text as relation,
       jsonb_build_object(
         'allTables', p.puballtables, 'insert', p.pubinsert, 'update', p.pubupdate, 'delete', p.pubdelete, 'truncate', p.pubtruncate,
         'tables', (select coalesce(jsonb_agg(jsonb_build_object('schema', t.schemaname, 'table', t.tablename) order by t.schemaname, t.tablename), '[]')
                    from pg_publication_tables t where t.pubname = p.pubname and not p.puballtables),
         'owner', pg_get_userbyid(p.pubowner), 'comment', obj_description(p.oid, 'pg_publication')) as definition,
       '{}'::jsonb as cosmetic
from pg_publication p
