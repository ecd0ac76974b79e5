-- pg_event_trigger.
-- if: pg_event_trigger where oid >= 16384
select quote_ident(t.evtname) as name,
       null::text as relation,
       json_build_object('event', t.evtevent, 'function', t.evtfoid::regprocedure::text, 'enabled', t.evtenabled, 'tags', to_json(t.evttags),
                          'owner', pg_get_userbyid(t.evtowner), 'comment', $comment('pg_event_trigger', t.oid)) as definition,
       null::json as cosmetic, null::oid as unit
from pg_event_trigger t
