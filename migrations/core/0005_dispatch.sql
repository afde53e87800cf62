create table dispatches (
  id bigint generated always as identity primary key,
  alert_id bigint not null references alerts (id),
  unit_id text not null references units (id),
  state text not null
    check (state in ('assigned', 'accepted', 'en_route', 'on_scene', 'done', 'refused', 'cancelled')),
  reason text not null default '',
  distance_m double precision,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- One unit is never in two dispatches, whoever races.
create unique index dispatches_one_per_unit on dispatches (unit_id)
  where state in ('assigned', 'accepted', 'en_route', 'on_scene');
create index dispatches_alert on dispatches (alert_id);

create table dispatch_events (
  id bigint generated always as identity primary key,
  dispatch_id bigint not null references dispatches (id),
  at timestamptz not null default now(),
  state text not null,
  actor text not null,
  note text
);
create index dispatch_events_dispatch on dispatch_events (dispatch_id, id);
create trigger dispatch_events_append_only before update or delete or truncate on dispatch_events
  for each statement execute function forbid_change();
