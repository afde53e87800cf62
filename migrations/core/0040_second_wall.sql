-- The second wall (docs/access.md): whatever is read because somebody asked for it is read as a role that sees only
-- the rows in that person's scope, should a statement ever forget to ask. The scope stands in settings that end with
-- the transaction; server/db/wall.ts writes them.

-- What the role may do, kept so that it can be given again where an administrator makes the role only later.
create table second_wall_rights (
  id integer generated always as identity primary key,
  statement text not null unique
);
create function second_wall_right(right_statement text) returns void language plpgsql as $$
begin
  insert into second_wall_rights (statement) values (right_statement) on conflict do nothing;
  if exists (select 1 from pg_roles where rolname = 'haidang_app') then
    execute right_statement;
  end if;
end
$$;
do $$
begin
  create role haidang_app nologin;
exception
  -- Every start looks whether the role is there, and says what to do where it is not.
  when duplicate_object or unique_violation or insufficient_privilege then null;
end
$$;
do $$
begin
  if not pg_has_role(current_user, 'haidang_app', 'member') then
    execute format('grant haidang_app to %I', current_user);
  end if;
exception
  when undefined_object or insufficient_privilege then null;
end
$$;

-- Puts a table behind the wall: only rows that fulfil the condition are seen, with the named columns or all of them.
-- FORCE: not even the owner passes without the policy that says so.
create function second_wall(guarded text, condition text, columns text default null) returns void
language plpgsql as $$
begin
  execute format('alter table %I enable row level security', guarded);
  execute format('alter table %I force row level security', guarded);
  execute format('create policy system on %I to %I using (true) with check (true)', guarded, current_user);
  execute format('create policy caller on %I for select using (%s)', guarded, condition);
  perform second_wall_right(format('grant select %s on %I to haidang_app', coalesce('(' || columns || ')', ''), guarded));
end
$$;

-- Where a mover was last seen decides who may see it. The policies need that in the row itself: looked up per row by
-- a function it costs eight times as much as the rest of them.
alter table devices add column seen_area_id text;
alter table units add column seen_area_id text;

create function note_seen_device() returns trigger
language plpgsql as $$
begin
  update devices d set seen_area_id = new.area_id from series s
  where s.id = new.series_id and d.id = s.device_id and d.seen_area_id is distinct from new.area_id;
  return null;
end
$$;
create trigger latest_positions_seen_first after insert on latest_positions
  for each row when (new.area_id is not null) execute function note_seen_device();
create trigger latest_positions_seen_moved after update on latest_positions
  for each row when (new.area_id is distinct from old.area_id) execute function note_seen_device();

create function note_seen_unit() returns trigger
language plpgsql as $$
begin
  update units set seen_area_id = new.area_id where id = new.unit_id and seen_area_id is distinct from new.area_id;
  return null;
end
$$;
create trigger unit_positions_seen_first after insert on unit_positions
  for each row when (new.area_id is not null) execute function note_seen_unit();
create trigger unit_positions_seen_moved after update on unit_positions
  for each row when (new.area_id is distinct from old.area_id) execute function note_seen_unit();

update devices d set seen_area_id = p.area_id
from series s join latest_positions p on p.series_id = s.id where s.device_id = d.id and s.quantity = 'position';
update units u set seen_area_id = p.area_id from unit_positions p where p.unit_id = u.id;

-- The scope of the transaction. Per dimension: value → the boxes of the scope that hold it, as bits; `*` = the boxes
-- that are not limited in it. Without settings nothing is seen.
create function scope_whole(up_to text) returns boolean language sql stable as $$
  select coalesce(array_position(array['public', 'internal', 'restricted'], current_setting('app.scope_whole', true))
                  >= array_position(array['public', 'internal', 'restricted'], up_to), false)
$$;
create function scope_masks(dimension text) returns jsonb language sql stable as $$
  select coalesce(nullif(current_setting('app.scope_' || dimension, true), ''), '{}')::jsonb
$$;
create function scope_any(dimension text) returns bigint language sql stable as $$
  select coalesce((scope_masks(dimension) ->> '*')::bigint, 0)
$$;

-- The condition over a row, as text: every policy and view has the same one. What does not depend on the row is a
-- scalar subquery, so that it is read once per statement.
create function scope_condition(area text, domain text, agency text, class text) returns text
language sql immutable as $f$
  select format($$((select scope_whole('restricted')) or (
      (coalesce(((select scope_masks('areas')) ->> (%1$s))::bigint, 0) | (select scope_any('areas')))
      & (case when (%2$s) is null then -1::bigint
              else coalesce(((select scope_masks('domains')) ->> (%2$s))::bigint, 0) | (select scope_any('domains')) end)
      & (coalesce(((select scope_masks('agencies')) ->> (%3$s))::bigint, 0) | (select scope_any('agencies')))
      & coalesce(((select scope_masks('classes')) ->> (%4$s))::bigint, 0)
    ) <> 0)$$, area, domain, agency, class)
$f$;

-- Alerts that were forwarded to an agency in whose name the caller takes part, wherever they lie.
create function scope_forwarded() returns setof bigint
language sql stable security definer set search_path = public, pg_temp as $$
  select a.id
  from alert_parties p join alerts a on a.id = p.alert_id
  where p.until is null
    and p.agency_id = any (array(select jsonb_object_keys(scope_masks('parties'))))
    and (((select scope_masks('parties')) ->> p.agency_id)::bigint
         & coalesce(((select scope_masks('classes')) ->> a.class)::bigint, 0)) <> 0
$$;
create function device_exists(device text) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select 1 from devices where id = device)
$$;

create schema seen;
select second_wall_right('grant usage on schema public, seen to haidang_app');

-- Row-level security for everything but the firehose.
select second_wall(name, condition, columns) from (values
  ('areas', $$(select scope_whole('public'))
              or (coalesce(((select scope_masks('areas')) ->> id)::bigint, 0) | (select scope_any('areas'))) <> 0$$, null),
  ('devices', scope_condition('coalesce(seen_area_id, area_id)', 'domain', 'agency_id', 'class'), null),
  ('cameras', scope_condition('area_id', 'domain', 'agency_id', 'class'), null),
  ('units', scope_condition('coalesce(seen_area_id, home_area_id)', 'null::text', 'agency_id', 'class'), null),
  ('unit_positions', 'exists (select 1 from units u where u.id = unit_id)', null),
  ('alerts', scope_condition('area_id', 'domain', 'agency_id', 'class')
             || $$ or ((select scope_masks('parties')) <> '{}' and id in (select scope_forwarded()))$$, null),
  ('alert_parties', 'exists (select 1 from alerts a where a.id = alert_id)', null),
  ('alert_events', 'exists (select 1 from alerts a where a.id = alert_id)', null),
  ('alert_snapshots', 'exists (select 1 from alerts a where a.id = alert_id)
                       or exists (select 1 from cameras c where c.id = camera_id)', null),
  ('dispatches', 'exists (select 1 from alerts a where a.id = alert_id)
                  or exists (select 1 from units u where u.id = unit_id)', null),
  ('dispatch_events', 'exists (select 1 from dispatches d where d.id = dispatch_id)', null),
  -- What came from nobody that is known is for those whose grants have no limit.
  ('quarantine', $$(select scope_whole('restricted')) or exists (select 1 from devices d where d.id = device_id)
                   or ((select scope_whole('internal')) and (device_id is null or not device_exists(device_id)))$$, null),
  ('device_activity',
   $$(select scope_whole('restricted')) or exists (select 1 from devices d where d.id = device_id)$$, null),
  ('series', $$(select scope_whole('restricted')) or exists (select 1 from devices d where d.id = device_id)$$, null),
  ('latest_values',
   $$(select scope_whole('restricted')) or exists (select 1 from series s where s.id = series_id)$$, null),
  ('latest_positions',
   $$(select scope_whole('restricted')) or exists (select 1 from series s where s.id = series_id)$$, null),
  -- Only the names are readable, to say whether a camera has a password.
  ('secrets', $$exists (select 1 from cameras c where c.id = substr(secrets.name, 8)) and secrets.name like 'camera/%'$$, 'name')
) as t(name, condition, columns);
-- Names of the bodies of the province are no secret to anybody who is signed in.
select second_wall_right('grant select on agencies to haidang_app');

-- TimescaleDB has no row-level security on compressed or summarised tables: the firehose is seen through views that
-- hold the condition, on every database alike. The role finds them before the tables, on which it has no right.
do $do$
declare
  of_device text := scope_condition('coalesce(d.seen_area_id, d.area_id)', 'd.domain', 'd.agency_id', 'd.class');
  source record;
begin
  for source in select * from (values
    ('observations', 'o.time, o.value, o.quality'),
    ('positions', 'o.time, o.lon, o.lat, o.speed_kmh, o.heading_deg, o.accuracy_m, o.area_id'),
    ('observations_1h', 'o.bucket, o.count, o.valid, o.min, o.max, o.avg, o.last'),
    ('observations_1d', 'o.bucket, o.count, o.valid, o.min, o.max, o.avg, o.last')
  ) as t(name, columns) loop
    -- The id of the series comes from the small table, so that a condition on it finds the few series first.
    execute format($view$
      create view seen.%1$I with (security_barrier) as
      select s.id as series_id, %2$s
      from public.series s
      join public.devices d on d.id = s.device_id
      join public.%1$I o on o.series_id = s.id
      where %3$s
    $view$, source.name, source.columns, of_device);
  end loop;
  execute format($view$
    create view scope_series with (security_barrier) as
    select s.id from series s join devices d on d.id = s.device_id where %s
  $view$, of_device);

  -- What a dispatch says of its unit, which may be one that the caller does not see: as far as its class goes, for
  -- units in scope and for those sent to alerts in scope.
  create view unit_labels as select id, name, call_sign, class from units;
  execute format($view$
    create view seen.unit_labels with (security_barrier) as
    select u.id, u.name, u.call_sign, u.class from public.units u
    where %s
       or (coalesce(((select public.scope_masks('classes')) ->> u.class)::bigint, 0) <> 0 and exists (
            select 1 from public.dispatches d join public.alerts a on a.id = d.alert_id
            where d.unit_id = u.id and (%s or ((select public.scope_masks('parties')) <> '{}'
                                               and a.id in (select public.scope_forwarded())))))
  $view$,
    scope_condition('coalesce(u.seen_area_id, u.home_area_id)', 'null::text', 'u.agency_id', 'u.class'),
    scope_condition('a.area_id', 'a.domain', 'a.agency_id', 'a.class'));
end
$do$;
create index dispatches_unit on dispatches (unit_id);
select second_wall_right('grant select on all tables in schema seen to haidang_app');

-- A page of single values in order. Through a barrier view PostgreSQL loses the order of the index and sorts the
-- whole span first: a page of a year of minutes costs 330 ms instead of 2.
create function observations_page(
  of_series integer, from_time timestamptz, to_time timestamptz, ascending boolean, max_rows integer
) returns setof observations
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  -- The role of the transaction, which a function that runs with its owner's rights does not change.
  if current_setting('role') = 'haidang_app'
     and not exists (select 1 from scope_series where id = of_series) then
    return;
  end if;
  if ascending then
    return query select o.* from observations o
      where o.series_id = of_series and o.time >= from_time and o.time < to_time order by o.time limit max_rows;
  else
    return query select o.* from observations o
      where o.series_id = of_series and o.time >= from_time and o.time < to_time order by o.time desc limit max_rows;
  end if;
end
$$;
revoke execute on function observations_page, scope_forwarded, device_exists from public;
select second_wall_right('grant execute on function observations_page, scope_forwarded, device_exists to haidang_app');
