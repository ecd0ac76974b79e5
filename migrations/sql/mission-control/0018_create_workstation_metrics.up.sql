-- How busy each workstation is; what is gone is not counted.
create view workstation_metrics as
select
  w.id as workstation_id,
  w.organization_id,
  w.status,
  w.last_seen_at,
  count(a.id)::integer as agents,
  (count(a.id) filter (where a.status = 'busy'))::integer as busy_agents,
  (count(a.id) filter (where a.status = 'failed'))::integer as failed_agents,
  count(distinct m.id)::integer as active_missions
from workstations w
left join agents a on a.workstation_id = w.id
left join missions m on m.id = a.mission_id and m.stage in ('in_progress', 'review') and m.deleted_at is null
where w.deleted_at is null
group by w.id;
