-- What a version of a rule would have done over a stretch of history, as somebody looked at it.
create table rule_simulations (
  id bigint generated always as identity primary key,
  rule_id text not null references rules (id),
  rule_version integer not null,
  ran_at timestamptz not null default now(),
  ran_by text not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  summary jsonb not null
);
create index rule_simulations_rule on rule_simulations (rule_id, ran_at desc);

-- Who said that a rule may go into force, and when.
alter table rules
  add column approved_by text,
  add column approved_at timestamptz;
