-- pg_user_mappings: four digits of a hash show that an option changed, and give nothing of a password away.
-- if: pg_user_mappings where umid >= 16384
select case when m.umuser = 0 then 'public' else quote_ident(m.usename) end || ' for ' || quote_ident(m.srvname) as name,
       null::text as relation,
       json_build_object('user', case when m.umuser = 0 then 'public' else quote_ident(m.usename) end, 'server', quote_ident(m.srvname),
         'options', (select json_agg(split_part(o, '=', 1) || '=…' || left(md5(o), 4) order by split_part(o, '=', 1)) from unnest(m.umoptions) o)) as definition,
       null::json as cosmetic, m.umid as unit
from pg_user_mappings m
where $standalone('pg_user_mapping', m.umid)
