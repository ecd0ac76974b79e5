-- pg_ts_config with its mappings.
-- if: pg_ts_config where oid >= 16384
select quote_ident(n.nspname) || '.' || quote_ident(c.cfgname) as name,
       null::text as relation,
       json_build_object(
         'parser', quote_ident(pn.nspname) || '.' || quote_ident(p.prsname),
         'mappings', (select coalesce(json_object_agg(alias, dictionaries), '{}') from (
                        select k.alias, json_agg(m.mapdict::regdictionary::text order by m.mapseqno) as dictionaries
                        from pg_ts_config_map m join ts_token_type(c.cfgparser) k on k.tokid = m.maptokentype where m.mapcfg = c.oid group by k.alias) token),
         'owner', pg_get_userbyid(c.cfgowner), 'comment', $comment('pg_ts_config', c.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace join pg_ts_parser p on p.oid = c.cfgparser join pg_namespace pn on pn.oid = p.prsnamespace
where n.oid in (select oid from visible) and $standalone('pg_ts_config', c.oid)
