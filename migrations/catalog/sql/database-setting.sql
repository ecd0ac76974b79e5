-- pg_db_role_setting without a role: ALTER DATABASE … SET.
-- if: pg_db_role_setting
select split_part(setting, '=', 1) as name,
       null::text as relation,
       json_build_object('value', substr(setting, strpos(setting, '=') + 1)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) setting
where d.datname = current_database() and s.setrole = 0
