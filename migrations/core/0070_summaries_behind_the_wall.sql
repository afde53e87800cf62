-- The summaries as callers see them (0040), with what migrations/timeseries/0003 brought.
drop view if exists seen.observations_1h;
drop view if exists seen.observations_1d;
do $do$
declare
  of_device text := scope_condition('coalesce(d.seen_area_id, d.area_id)', 'd.domain', 'd.agency_id', 'd.class');
  figures constant text := 'o.bucket, o.count, o.valid, o.min, o.max, o.sum, o.avg, o.last';
  source record;
begin
  for source in select * from (values
    ('observations_1m', figures),
    ('observations_1h', figures),
    ('observations_1d', figures),
    ('summary_pending', 'o.from_hour, o.to_hour')
  ) as t(name, columns) loop
    execute format($view$
      create view seen.%1$I with (security_barrier) as
      select s.id as series_id, %2$s
      from public.series s
      join public.devices d on d.id = s.device_id
      join public.%1$I o on o.series_id = s.id
      where %3$s
    $view$, source.name, source.columns, of_device);
  end loop;
end
$do$;
select second_wall_right('grant select on seen.observations_1m, seen.observations_1h, seen.observations_1d, seen.summary_pending to haidang_app');
-- How far the summaries reach says nothing about anybody's data.
select second_wall_right('grant select on summary_state to haidang_app');
