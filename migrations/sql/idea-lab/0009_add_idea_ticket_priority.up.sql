-- Filled here, required by 0010: code that knows no priority goes on inserting until then.
alter table idea_tickets add column priority text default 'medium';

update idea_tickets set priority = case when status = 'done' then 'low' else 'medium' end;
