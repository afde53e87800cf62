-- The bodies of the province, from its profile at every start; one that the profile no longer names stays, closed,
-- because rows and grants still say its id.
create table agencies (
  id text primary key,
  name_vi text not null,
  name_en text not null,
  type text not null,
  parent_id text references agencies (id),
  -- Code of the area it answers for; areas are imported later, so it is no reference.
  area_code text,
  active_from timestamptz not null default now(),
  active_to timestamptz
);

alter table users
  add column agency_id text references agencies (id),
  add column status_changed_at timestamptz,
  drop constraint users_status_check,
  add constraint users_status_check check (status in ('active', 'locked', 'revoked'));

alter table grants
  add column agency_rule text not null default 'all'
    check (agency_rule in ('all', 'self', 'self+subordinate', 'listed')),
  add column agency_ids text[],
  add column max_class text not null default 'internal' check (max_class in ('public', 'internal', 'restricted')),
  add constraint grants_agencies_listed check ((agency_rule = 'listed') = (agency_ids is not null));
-- What administrators could see, they still can.
update grants set max_class = 'restricted' where role = 'admin';

alter table devices
  add column agency_id text references agencies (id),
  add column class text not null default 'internal' check (class in ('public', 'internal', 'restricted'));
alter table cameras
  add column agency_id text references agencies (id),
  add column class text not null default 'internal' check (class in ('public', 'internal', 'restricted'));
alter table units
  add column agency_id text references agencies (id),
  add column class text not null default 'internal' check (class in ('public', 'internal', 'restricted'));
alter table alerts
  add column agency_id text references agencies (id),
  add column class text not null default 'internal' check (class in ('public', 'internal', 'restricted'));
create index alerts_agency on alerts (agency_id);

-- To whom an alert was forwarded: that agency sees it wherever it lies, until it is recalled.
create table alert_parties (
  id bigint generated always as identity primary key,
  alert_id bigint not null references alerts (id),
  agency_id text not null references agencies (id),
  since timestamptz not null,
  until timestamptz,
  forwarded_by text not null,
  note text,
  recalled_by text,
  check (until is null or until >= since)
);
create unique index alert_parties_open on alert_parties (alert_id, agency_id) where until is null;
create index alert_parties_agency on alert_parties (agency_id, alert_id) where until is null;

-- An alert says what its subject says: when the subject becomes more guarded, so do its alerts, in the same act.
-- The other way round nothing moves: what was written down as guarded stays so.
create function alerts_follow_class() returns trigger language plpgsql as $$
declare
  ranks constant text[] := array['public', 'internal', 'restricted'];
begin
  update alerts set class = new.class
  where subject_type = tg_argv[0] and subject_id = new.id
    and array_position(ranks, class) < array_position(ranks, new.class);
  return null;
end
$$;
create trigger devices_class after update of class on devices
  for each row when (new.class is distinct from old.class) execute function alerts_follow_class('device');
create trigger cameras_class after update of class on cameras
  for each row when (new.class is distinct from old.class) execute function alerts_follow_class('camera');
create trigger units_class after update of class on units
  for each row when (new.class is distinct from old.class) execute function alerts_follow_class('unit');
