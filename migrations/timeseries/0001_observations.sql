-- The firehose. No geometry here: this folder also runs on databases without PostGIS.
-- Plain PostgreSQL: declarative range partitions by time, made ahead by ensure_partitions().
-- Where TimescaleDB is available the same tables are hypertables with the same names.

create table series (
  id integer generated always as identity primary key,
  device_id text not null,
  quantity text not null,
  unit text not null,
  created_at timestamptz not null default now(),
  unique (device_id, quantity)
);

create function has_timescaledb() returns boolean
language sql stable as $$
  select exists (select 1 from pg_extension where extname = 'timescaledb')
$$;

do $$
begin
  if exists (select 1 from pg_available_extensions where name = 'timescaledb') then
    create extension if not exists timescaledb;
  end if;

  if has_timescaledb() then
    create table observations (
      series_id integer not null,
      time timestamptz not null,
      value double precision not null,
      quality smallint not null default 0,
      primary key (series_id, time)
    );
    create table positions (
      series_id integer not null,
      time timestamptz not null,
      lon double precision not null,
      lat double precision not null,
      speed_kmh real,
      heading_deg real,
      accuracy_m real,
      area_id text,
      primary key (series_id, time)
    );
    perform create_hypertable('observations', 'time', chunk_time_interval => interval '7 days');
    perform create_hypertable('positions', 'time', chunk_time_interval => interval '7 days');
  else
    create table observations (
      series_id integer not null,
      time timestamptz not null,
      value double precision not null,
      quality smallint not null default 0,
      primary key (series_id, time)
    ) partition by range (time);
    create table observations_default partition of observations default;
    create table positions (
      series_id integer not null,
      time timestamptz not null,
      lon double precision not null,
      lat double precision not null,
      speed_kmh real,
      heading_deg real,
      accuracy_m real,
      area_id text,
      primary key (series_id, time)
    ) partition by range (time);
    create table positions_default partition of positions default;
  end if;
end
$$;

-- Makes the weekly partitions of one table that cover [from_time, to_time]; returns how many were new.
-- Rows that already fell into the default partition are moved. Nothing to do on TimescaleDB.
create function ensure_partitions(parent text, from_time timestamptz, to_time timestamptz) returns integer
language plpgsql as $$
declare
  week timestamptz;
  partition_name text;
  made integer := 0;
begin
  if has_timescaledb() then
    return 0;
  end if;
  if parent not in ('observations', 'positions') then
    raise exception 'no such partitioned table: %', parent;
  end if;
  -- Two processes may come here together; the second finds the work done.
  perform pg_advisory_xact_lock(hashtext('ensure_partitions:' || parent));
  week := date_bin('7 days', from_time, timestamptz '2001-01-01 00:00:00+00');
  while week <= to_time loop
    partition_name := parent || '_w' || to_char(week at time zone 'UTC', 'YYYYMMDD');
    if to_regclass(partition_name) is null then
      execute format('create table %I (like %I including all)', partition_name, parent);
      execute format(
        'with moved as (delete from %I where time >= %L and time < %L returning *) insert into %I select * from moved',
        parent || '_default', week, week + interval '7 days', partition_name);
      execute format(
        'alter table %I attach partition %I for values from (%L) to (%L)',
        parent, partition_name, week, week + interval '7 days');
      made := made + 1;
    end if;
    week := week + interval '7 days';
  end loop;
  return made;
end
$$;

-- Rows here mean that no partition was ready for them: the partition keeper reports it as a health problem.
create view default_partition_rows as
  select 'observations' as parent, 0::bigint as row_count where false;
do $$
begin
  if not has_timescaledb() then
    create or replace view default_partition_rows as
      select 'observations' as parent, count(*) as row_count from observations_default
      union all
      select 'positions', count(*) from positions_default;
  end if;
end
$$;

-- One row per series: what the map and the latest-value routes read. PK only and room on the page, so updates stay HOT.
create table latest_values (
  series_id integer primary key,
  time timestamptz not null,
  value double precision not null,
  quality smallint not null,
  received_at timestamptz not null
) with (fillfactor = 60);

create table latest_positions (
  series_id integer primary key,
  time timestamptz not null,
  lon double precision not null,
  lat double precision not null,
  speed_kmh real,
  heading_deg real,
  accuracy_m real,
  area_id text,
  received_at timestamptz not null
) with (fillfactor = 60);

-- One row per device: when something last arrived from it.
create table device_activity (
  device_id text primary key,
  last_received_at timestamptz not null,
  last_observed_at timestamptz not null
) with (fillfactor = 60);
