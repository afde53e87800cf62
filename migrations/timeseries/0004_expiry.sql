-- Removes what lies before a time and is not held; returns how many rows went and how many stayed because of a hold.
-- A hold is a span with a series, or without one for all of them. Whole weeks without a hold go as partitions, which
-- costs nothing however many rows they have; the rest goes row by row.
create function remove_expired(
  of_table text, before timestamptz, hold_series integer[], hold_from timestamptz[], hold_to timestamptz[],
  out removed bigint, out held bigint
) language plpgsql as $$
declare
  key text;
  week record;
  rows bigint;
begin
  if of_table not in ('observations', 'positions', 'observations_1m', 'observations_1h', 'observations_1d') then
    raise exception 'nothing of this table expires: %', of_table;
  end if;
  key := case when of_table in ('observations', 'positions') then 'time' else 'bucket' end;
  removed := 0;
  if has_timescaledb() and of_table in ('observations_1m', 'observations_1h') then
    -- Only whole chunks of a continuous aggregate can go, so a hold keeps all of it.
    if cardinality(hold_from) = 0 then
      execute format('select count(*) from %I', of_table) into removed;
      perform drop_chunks(of_table::regclass, before);
      execute format('select $1 - count(*) from %I', of_table) into removed using removed;
    end if;
    execute format('select count(*) from %I where bucket < $1', of_table) into held using before;
    return;
  end if;
  if key = 'time' and not has_timescaledb() then
    for week in
      select name, start from (
        select c.relname as name, to_timestamp(right(c.relname, 8), 'YYYYMMDD')::timestamp at time zone 'UTC' as start
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = of_table::regclass and c.relname ~ ('^' || of_table || '_w[0-9]{8}$')
      ) as weeks
      where start + interval '7 days' <= before
        and not exists (select from unnest(hold_from, hold_to) as h (f, t) where h.f < start + interval '7 days' and h.t > start)
    loop
      execute format('select count(*) from %I', week.name) into rows;
      execute format('drop table %I', week.name);
      removed := removed + rows;
    end loop;
  end if;
  execute format($delete$
    delete from %I as o where o.%I < $1 and not exists (
      select from unnest($2, $3, $4) as h (series, f, t)
      where (h.series is null or h.series = o.series_id) and o.%I >= h.f and o.%I < h.t)
  $delete$, of_table, key, key, key) using before, hold_series, hold_from, hold_to;
  get diagnostics rows = row_count;
  removed := removed + rows;
  execute format('select count(*) from %I where %I < $1', of_table, key) into held using before;
end
$$;
