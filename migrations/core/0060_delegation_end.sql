-- Powers may be ended by the command line of the machine, too, which is nobody of the accounts; the trail has its name.
do $$
declare
  known name;
begin
  select conname into strict known from pg_constraint
  where conrelid = 'delegations'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%ended_by%';
  execute format('alter table delegations drop constraint %I', known);
end
$$;
alter table delegations add constraint delegations_end check (ended_by is null or ended_at is not null);
