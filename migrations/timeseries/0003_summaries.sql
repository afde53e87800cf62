-- Summaries per minute, hour and day, kept up to date by the product on every database, so that years stay quick to
-- draw and late data reaches them everywhere. They replace the views of 0002, which plain PostgreSQL computed anew
-- each time. On TimescaleDB minutes and hours are continuous aggregates of the same names, which the product
-- refreshes; days, which are local and so need the time zone of the province, are computed from the hours everywhere.
-- quality 0 (good) and 1 (suspect) are valid; the others are counted but enter no figure.

-- Hours before the watermark stand in the summaries, but for those named below; null = nothing is summarised yet.
create table summary_state (
  one_row boolean primary key default true check (one_row),
  watermark timestamptz,
  -- Whose midnights the days are cut at.
  timezone text
);
insert into summary_state default values;

-- Spans of whole hours, each within one week, that got values after they were summarised or are not summarised yet.
-- Only appended to by writers, who so never wait for each other; spans may overlap.
create table summary_pending (
  id bigint generated always as identity primary key,
  series_id integer not null,
  from_hour timestamptz not null,
  to_hour timestamptz not null check (to_hour > from_hour)
);
create index summary_pending_series on summary_pending (series_id, from_hour);

do $$
declare
  level record;
begin
  if has_timescaledb() then
    drop materialized view observations_1h cascade;
    drop materialized view observations_1d cascade;
    for level in
      select * from (values ('observations_1m', interval '1 minute'), ('observations_1h', interval '1 hour')) as l(name, width)
    loop
      execute format($view$
        create materialized view %I with (timescaledb.continuous, timescaledb.materialized_only = true) as
        select series_id,
               time_bucket(%L::interval, time) as bucket,
               count(*) as count,
               count(*) filter (where quality <= 1) as valid,
               min(value) filter (where quality <= 1) as min,
               max(value) filter (where quality <= 1) as max,
               sum(value) filter (where quality <= 1) as sum,
               avg(value) filter (where quality <= 1) as avg,
               last(value, time) filter (where quality <= 1) as last
        from observations
        group by series_id, time_bucket(%L::interval, time)
        with no data
      $view$, level.name, level.width, level.width);
    end loop;
  else
    drop view observations_1h cascade;
    drop view observations_1d cascade;
    for level in select * from (values ('observations_1m'), ('observations_1h')) as l(name) loop
      execute format($table$
        create table %I (
          series_id integer not null,
          bucket timestamptz not null,
          count integer not null,
          valid integer not null,
          min double precision,
          max double precision,
          sum double precision,
          avg double precision generated always as (sum / nullif(valid, 0)) stored,
          last double precision,
          primary key (series_id, bucket)
        )
      $table$, level.name);
    end loop;
  end if;
end
$$;

create table observations_1d (
  series_id integer not null,
  bucket timestamptz not null,
  count integer not null,
  valid integer not null,
  min double precision,
  max double precision,
  sum double precision,
  avg double precision generated always as (sum / nullif(valid, 0)) stored,
  last double precision,
  primary key (series_id, bucket)
);

-- Plain PostgreSQL: computes minutes and hours of [from_time, to_time) from the values; with `only_series`, of those
-- series. A summary never shrinks: where the values are gone already (retention), what was summarised stays.
create function summarise_values(from_time timestamptz, to_time timestamptz, only_series integer[] default null)
returns void language plpgsql as $$
declare
  level record;
begin
  for level in
    select * from (values ('observations_1m', interval '1 minute'), ('observations_1h', interval '1 hour')) as l(name, width)
  loop
    execute format($insert$
      insert into %I as s (series_id, bucket, count, valid, min, max, sum, last)
      select series_id,
             date_bin(%L::interval, time, timestamptz '2001-01-01 00:00:00+00'),
             count(*),
             count(*) filter (where quality <= 1),
             min(value) filter (where quality <= 1),
             max(value) filter (where quality <= 1),
             sum(value) filter (where quality <= 1),
             (array_agg(value order by time desc) filter (where quality <= 1))[1]
      from observations
      where time >= $1 and time < $2 and ($3 is null or series_id = any($3))
      group by 1, 2
      on conflict (series_id, bucket) do update
        set count = excluded.count, valid = excluded.valid, min = excluded.min, max = excluded.max,
            sum = excluded.sum, last = excluded.last
        where excluded.count >= s.count
    $insert$, level.name, level.width) using from_time, to_time, only_series;
  end loop;
end
$$;

-- Computes the local days that touch [from_time, to_time) from their hours.
create function summarise_days(from_time timestamptz, to_time timestamptz, zone text, only_series integer[] default null)
returns void language sql as $$
  insert into observations_1d (series_id, bucket, count, valid, min, max, sum, last)
  select series_id, date_trunc('day', bucket at time zone zone) at time zone zone, sum(count), sum(valid), min(min),
         max(max), sum(sum), (array_agg(last order by bucket desc) filter (where valid > 0))[1]
  from observations_1h
  where bucket >= date_trunc('day', from_time at time zone zone) at time zone zone
    and bucket < (date_trunc('day', (to_time - interval '1 microsecond') at time zone zone) + interval '1 day') at time zone zone
    and (only_series is null or series_id = any(only_series))
  group by 1, 2
  on conflict (series_id, bucket) do update
    set count = excluded.count, valid = excluded.valid, min = excluded.min, max = excluded.max,
        sum = excluded.sum, last = excluded.last
$$;
