-- What was erased and what expired, by kind and number; never what it was.
create table personal_data_runs (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null check (kind in ('erasure', 'retention')),
  subject_id text,
  by_name text,
  reason text,
  removed jsonb not null
);
create trigger personal_data_runs_append_only before update or delete or truncate on personal_data_runs
  for each statement execute function forbid_change();

alter table users add column erased_at timestamptz;

-- Takes away the tracks of movers before a moment, whole weeks at a time. Returns how many partitions or chunks went.
create function expire_tracks(before timestamptz) returns integer language plpgsql as $$
declare
  part record;
  gone integer := 0;
begin
  if has_timescaledb() then
    execute format('select count(*) from drop_chunks(%L, %L::timestamptz)', 'positions', before) into gone;
    return gone;
  end if;
  for part in
    select c.oid::regclass as name,
           (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$TO \('([^']+)'\)$re$))[1]::timestamptz as ends
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'positions'::regclass
  loop
    if part.ends is not null and part.ends <= before then
      execute format('drop table %s', part.name);
      gone := gone + 1;
    end if;
  end loop;
  delete from positions_default where time < before;
  return gone;
end
$$;
