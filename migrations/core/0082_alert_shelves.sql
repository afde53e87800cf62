-- An alarm that is kept out of the lists for a time, and why: by an operator, by design, or for maintenance.
alter table alerts
  add column hold text check (hold in ('shelved', 'suppressed', 'out_of_service')),
  add column hold_until timestamptz,
  add column hold_reason text,
  add column hold_by text,
  add constraint alerts_closed_not_held check (hold is null or state <> 'closed');
create index alerts_held on alerts (hold) where hold is not null;

-- It is the alarm of a rule about a subject that is shelved, not one occurrence of it: what comes meanwhile is, too.
-- A row is in force as long as it stands here.
create table alert_shelves (
  rule_id text not null references rules (id),
  subject_type text not null,
  subject_id text not null,
  hold text not null check (hold in ('shelved', 'suppressed', 'out_of_service')),
  since timestamptz not null,
  until timestamptz not null,
  reason text not null,
  by text not null,
  primary key (rule_id, subject_type, subject_id)
);
create index alert_shelves_until on alert_shelves (until);
