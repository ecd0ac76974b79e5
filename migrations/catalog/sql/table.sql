-- pg_class r, p: tables, with partitioning, inheritance, row-level security and storage.
-- if: own_class where relkind in ('r', 'p')
select c.path as name, null::text as relation, to_json(object) as definition, null::json as cosmetic, c.oid as unit
from rel c left join pg_am am on am.oid = c.relam
cross join lateral (select c.nspname as schema, c.relname as name, pg_get_userbyid(c.relowner) as owner,
         c.relpersistence as persistence, c.relreplident as "replicaIdentity", am.amname as "accessMethod",
         $privileges(c.relacl, 'r', c.relowner) as privileges, $comment('pg_class', c.oid) as comment,
         case when c.relkind = 'p' or c.relispartition or c.relrowsecurity or c.relforcerowsecurity or c.reloptions is not null or c.reloftype <> 0 or c.reltablespace <> 0
                or (c.reltoastrelid <> 0 and exists (select from pg_class x where x.oid = c.reltoastrelid and x.reloptions is not null))
                or c.oid in (select inhrelid from pg_inherits) then json_build_object(
           'options', to_json(c.reloptions), 'toastOptions', (select to_json(x.reloptions) from pg_class x where x.oid = c.reltoastrelid),
           'partitionKey', pg_get_partkeydef(c.oid), 'partitionBound', pg_get_expr(c.relpartbound, c.oid),
           'inherits', (select json_agg(quote_ident(pn.nspname) || '.' || quote_ident(p.relname) order by i.inhseqno)
                        from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
                        where i.inhrelid = c.oid),
           'rowSecurity', c.relrowsecurity, 'forceRowSecurity', c.relforcerowsecurity, 'ofType', format_type(nullif(c.reloftype, 0), null),
           'tablespace', case when c.reltablespace <> 0 then (select spcname from pg_tablespace where oid = c.reltablespace) end) end as rest) object
where c.relkind in ('r', 'p')
