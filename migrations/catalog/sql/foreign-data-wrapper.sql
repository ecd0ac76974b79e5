-- pg_foreign_data_wrapper.
-- if: pg_foreign_data_wrapper where oid >= 16384
select quote_ident(w.fdwname) as name,
       null::text as relation,
       json_build_object('handler', nullif(w.fdwhandler, 0)::regproc::text, 'validator', nullif(w.fdwvalidator, 0)::regproc::text, 'options', to_json(w.fdwoptions),
                          'owner', pg_get_userbyid(w.fdwowner), 'privileges', $privileges(w.fdwacl, 'F', w.fdwowner),
                          'comment', $comment('pg_foreign_data_wrapper', w.oid)) as definition,
       null::json as cosmetic, w.oid as unit
from pg_foreign_data_wrapper w
where $standalone('pg_foreign_data_wrapper', w.oid)
