-- Both are JSON text: a list of rationale entries, and a list of names.
alter table tasks add column rationale_log text not null default '[]';

alter table tasks add column assignees text not null default '[]';
