-- pg_class r, p: tables, with partitioning, inheritance, row-level security and storage.
-- if: pg_class where relkind in ('r', 'p') and oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
       null::text as relation,
       json_build_object(
         'schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
         'persistence', c.relpersistence, 'options', to_json(c.reloptions),
         'toastOptions', (select to_json(x.reloptions) from pg_class x where x.oid = c.reltoastrelid),
         'partitionKey', pg_get_partkeydef(c.oid), 'partitionBound', pg_get_expr(c.relpartbound, c.oid),
         'inherits', case when c.oid in (select inhrelid from pg_inherits) then (select json_agg(quote_ident(pn.nspname) || '.' || quote_ident(p.relname) order by i.inhseqno)
                      from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
                      where i.inhrelid = c.oid) end,
         'rowSecurity', c.relrowsecurity, 'forceRowSecurity', c.relforcerowsecurity,
         'replicaIdentity', c.relreplident, 'accessMethod', am.amname, 'ofType', format_type(nullif(c.reloftype, 0), null),
         'tablespace', case when c.reltablespace <> 0 then (select spcname from pg_tablespace where oid = c.reltablespace) end,
         'privileges', $privileges(c.relacl, 'r', c.relowner),
         'comment', $comment('pg_class', c.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_am am on am.oid = c.relam
where c.relkind in ('r', 'p') and n.oid in (select oid from visible) and $standalone('pg_class', c.oid)
