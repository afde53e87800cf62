-- Hourly and daily summaries under one name each: continuous aggregates on TimescaleDB, plain views elsewhere.
-- quality 0 (good) and 1 (suspect) are valid; the others are counted but enter no figure.
do $$
declare
  bucket record;
begin
  for bucket in
    select * from (values ('observations_1h', interval '1 hour'), ('observations_1d', interval '1 day')) as b(name, width)
  loop
    if has_timescaledb() then
      execute format($view$
        create materialized view %I with (timescaledb.continuous, timescaledb.materialized_only = false) as
        select series_id,
               time_bucket(%L::interval, time) as bucket,
               count(*) as count,
               count(*) filter (where quality <= 1) as valid,
               min(value) filter (where quality <= 1) as min,
               max(value) filter (where quality <= 1) as max,
               avg(value) filter (where quality <= 1) as avg,
               last(value, time) filter (where quality <= 1) as last
        from observations
        group by series_id, time_bucket(%L::interval, time)
        with no data
      $view$, bucket.name, bucket.width, bucket.width);
      execute format(
        'select add_continuous_aggregate_policy(%L, start_offset => interval ''7 days'', end_offset => %L::interval, schedule_interval => interval ''15 minutes'')',
        bucket.name, bucket.width);
    else
      execute format($view$
        create view %I as
        select series_id,
               date_bin(%L::interval, time, timestamptz '2001-01-01 00:00:00+00') as bucket,
               count(*) as count,
               count(*) filter (where quality <= 1) as valid,
               min(value) filter (where quality <= 1) as min,
               max(value) filter (where quality <= 1) as max,
               avg(value) filter (where quality <= 1) as avg,
               (array_agg(value order by time desc) filter (where quality <= 1))[1] as last
        from observations
        group by series_id, date_bin(%L::interval, time, timestamptz '2001-01-01 00:00:00+00')
      $view$, bucket.name, bucket.width, bucket.width);
    end if;
  end loop;

  if has_timescaledb() then
    alter table observations set (timescaledb.compress, timescaledb.compress_segmentby = 'series_id', timescaledb.compress_orderby = 'time');
    perform add_compression_policy('observations', interval '14 days');
  end if;
end
$$;
