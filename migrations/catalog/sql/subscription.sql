-- pg_subscription: the connection string, which holds a password, is not readable and not read.
-- if: pg_subscription where oid >= 16384
select quote_ident(s.subname) as name,
       null::text as relation,
       json_build_object('enabled', s.subenabled, 'binary', s.subbinary, 'stream', s.substream::text, 'slot', s.subslotname, 'synchronousCommit', s.subsynccommit,
                          'publications', to_json(s.subpublications), 'owner', pg_get_userbyid(s.subowner), 'comment', $comment('pg_subscription', s.oid)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_subscription s join pg_database d on d.oid = s.subdbid
where d.datname = current_database()
