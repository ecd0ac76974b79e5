-- pg_collation.
select quote_ident(n.nspname) || '.' || quote_ident(k.collname) as name,
       null::text as relation,
       jsonb_build_object('definition', to_jsonb(k) - 'oid' - 'collnamespace' - 'collowner' - 'collversion', 'owner', pg_get_userbyid(k.collowner),
                          'comment', obj_description(k.oid, 'pg_collation')) as definition,
       '{}'::jsonb as cosmetic
from pg_collation k join pg_namespace n on n.oid = k.collnamespace
where n.oid in (select oid from visible) and not exists (select from pg_depend e where e.classid = 'pg_collation'::regclass and e.objid = k.oid and e.deptype = 'e')
