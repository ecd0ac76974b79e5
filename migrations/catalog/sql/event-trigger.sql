-- pg_event_trigger.
select quote_ident(t.evtname) as name,
       null::text as relation,
       jsonb_build_object('event', t.evtevent, 'function', t.evtfoid::regprocedure::text, 'enabled', t.evtenabled, 'tags', to_jsonb(t.evttags),
                          'owner', pg_get_userbyid(t.evtowner), 'comment', obj_description(t.oid, 'pg_event_trigger')) as definition,
       '{}'::jsonb as cosmetic
from pg_event_trigger t
