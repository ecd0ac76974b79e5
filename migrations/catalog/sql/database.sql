-- pg_database: what a script may say about its own database. A database that nobody said anything about is no object.
select 'current' as name,
       null::text as relation,
       json_build_object('connectionLimit', d.datconnlimit, 'privileges', $privileges(d.datacl, 'd', d.datdba),
                          'comment', $sharedComment('pg_database', d.oid)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_database d
where d.datname = current_database()
  and (d.datconnlimit <> -1 or $sharedComment('pg_database', d.oid) is not null
       or (d.datacl is not null and d.datacl::text <> acldefault('d', d.datdba)::text))
