-- Filled here, required by 0012: code that knows no priority goes on inserting until then.
alter table missions add column priority text
  constraint missions_priority_check check (priority in ('low', 'normal', 'urgent'));

update missions set priority = case when stage = 'review' then 'urgent' else 'normal' end;

alter table missions alter column priority set default 'normal';
