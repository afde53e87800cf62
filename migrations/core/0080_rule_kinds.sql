-- Rules about several devices together have an alert of their own: its subject is the rule's group.
alter table alerts
  drop constraint alerts_subject_type_check,
  add constraint alerts_subject_type_check check (subject_type in ('device', 'unit', 'camera', 'group'));

-- What every rule may have besides its kind's parameters: when it applies, how late an item may come.
alter table rules
  add column options jsonb not null default '{}',
  drop constraint rules_state_check,
  add constraint rules_state_check
    check (state in ('draft', 'simulated', 'approved', 'shadow', 'active', 'retired'));

-- What a rule that runs silently would have raised; the alerts' lists know nothing of it.
create table shadow_alarms (
  rule_id text not null references rules (id),
  rule_version integer not null,
  subject_type text not null,
  subject_id text not null,
  raised_at timestamptz not null,
  cleared_at timestamptz,
  peak double precision,
  explanation jsonb not null,
  primary key (rule_id, rule_version, subject_type, subject_id, raised_at)
);
create index shadow_alarms_raised on shadow_alarms (rule_id, raised_at desc);
