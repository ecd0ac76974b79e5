-- pg_foreign_server.
-- if: pg_foreign_server where oid >= 16384
select quote_ident(s.srvname) as name,
       null::text as relation,
       json_build_object('wrapper', quote_ident(w.fdwname), 'type', s.srvtype, 'version', s.srvversion, 'options', to_json(s.srvoptions),
                          'owner', pg_get_userbyid(s.srvowner), 'privileges', $privileges(s.srvacl, 'S', s.srvowner),
                          'comment', $comment('pg_foreign_server', s.oid)) as definition,
       null::json as cosmetic, s.oid as unit
from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw
where $standalone('pg_foreign_server', s.oid)
