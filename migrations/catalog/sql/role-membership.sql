-- pg_auth_members: who belongs to the roles that this run made; the maker's own membership comes by itself.
-- if: own_role
select quote_ident(r.rolname) || ' in ' || quote_ident(g.rolname) as name,
       null::text as relation,
       json_build_object('member', quote_ident(r.rolname), 'group', quote_ident(g.rolname), 'admin', bool_or(m.admin_option),
                          'inherit', bool_or((to_jsonb(m) ->> 'inherit_option')::boolean), 'set', bool_or((to_jsonb(m) ->> 'set_option')::boolean)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_auth_members m join pg_roles r on r.oid = m.member join pg_roles g on g.oid = m.roleid
where r.rolname <> current_user and (r.oid in (select oid from own_role) or g.oid in (select oid from own_role))
group by r.rolname, g.rolname
