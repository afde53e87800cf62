create table rules (
  id text primary key,
  kind text not null,
  name text not null,
  domain text not null,
  severity text not null check (severity in ('critical', 'major', 'minor', 'info')),
  params jsonb not null,
  applies_to jsonb not null default '{}',
  state text not null default 'draft' check (state in ('draft', 'active', 'retired')),
  version integer not null default 1,
  updated_at timestamptz not null default now(),
  updated_by text
);

-- Every version that was ever in force, so that an alert can always show the rule it came from.
create table rule_versions (
  rule_id text not null references rules (id),
  version integer not null,
  snapshot jsonb not null,
  created_at timestamptz not null default now(),
  created_by text,
  primary key (rule_id, version)
);

-- What an evaluator remembers about one subject; committed with the observations that led to it.
create table rule_state (
  rule_id text not null,
  subject_type text not null,
  subject_id text not null,
  rule_version integer not null,
  state jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (rule_id, subject_type, subject_id)
) with (fillfactor = 60);

create table alerts (
  id bigint generated always as identity primary key,
  rule_id text references rules (id),
  rule_version integer,
  kind text not null,
  title text not null,
  domain text not null,
  severity text not null check (severity in ('critical', 'major', 'minor', 'info')),
  state text not null check (state in ('unacknowledged', 'acknowledged', 'returned_unacknowledged', 'closed')),
  active boolean not null default true,
  subject_type text not null check (subject_type in ('device', 'unit', 'camera')),
  subject_id text not null,
  subject_name text not null,
  geom geometry(Point, 4326),
  area_id text references areas (id),
  raised_at timestamptz not null,
  cleared_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  closed_at timestamptz,
  explanation jsonb not null,
  evidence jsonb not null default '{}',
  occurrences integer not null default 1,
  peak double precision,
  last_seq bigint not null default 0,
  search_text text not null default '',
  created_at timestamptz not null default now()
);
-- One open alert per rule and subject: raising is idempotent whatever races.
create unique index alerts_one_open on alerts (rule_id, subject_type, subject_id) where active and state <> 'closed';
create index alerts_geom on alerts using gist (geom);
create index alerts_open on alerts (raised_at desc) where state <> 'closed';
create index alerts_raised on alerts (raised_at desc, id desc);
create index alerts_area on alerts (area_id);
create index alerts_subject on alerts (subject_type, subject_id, raised_at desc);

-- Append-only. seq orders all alert events of the centre: it is taken under an advisory lock that is held until
-- the commit, so a reader that has seen n has seen everything before n.
create table alert_events (
  seq bigint generated always as identity primary key,
  alert_id bigint not null references alerts (id),
  at timestamptz not null,
  kind text not null,
  actor text not null,
  from_state text,
  to_state text not null,
  text text,
  data jsonb not null default '{}'
);
create index alert_events_alert on alert_events (alert_id, seq);

create function forbid_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end
$$;
create trigger alert_events_append_only before update or delete or truncate on alert_events
  for each statement execute function forbid_change();

create table alert_snapshots (
  id text primary key default gen_random_uuid()::text,
  alert_id bigint not null references alerts (id),
  camera_id text not null references cameras (id),
  camera_name text not null,
  distance_m double precision not null,
  taken_at timestamptz not null,
  -- Relative to the media folder; made by the server, never from outside names.
  file text not null,
  sha256 text not null,
  bytes integer not null
);
create index alert_snapshots_alert on alert_snapshots (alert_id, taken_at);
