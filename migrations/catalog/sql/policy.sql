-- pg_policy: row-level security policies.
-- if: pg_policy where oid >= 16384
select c.path || '.' || quote_ident(p.polname) as name,
       c.path as relation,
       json_build_object(
         'command', p.polcmd, 'permissive', p.polpermissive, 'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
         'roles', (select json_agg(case when r = 0 then 'PUBLIC' else pg_get_userbyid(r) end order by case when r = 0 then 'PUBLIC' else pg_get_userbyid(r) end) from unnest(p.polroles) r),
         'comment', $comment('pg_policy', p.oid)) as definition,
       null::json as cosmetic, c.oid as unit
from rel c join pg_policy p on p.polrelid = c.oid
