-- pg_db_role_setting: ALTER ROLE … IN DATABASE … SET; what a role has everywhere is part of the role.
-- if: pg_db_role_setting
select pg_get_userbyid(s.setrole) || ' ' || split_part(setting, '=', 1) as name,
       null::text as relation,
       json_build_object('role', pg_get_userbyid(s.setrole), 'setting', split_part(setting, '=', 1), 'value', substr(setting, strpos(setting, '=') + 1)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) setting
where d.datname = current_database() and s.setrole <> 0
