-- The trail belongs to a role that nobody signs in with. The product's own role may read it and append to it; to
-- change or remove rows, or to switch off the triggers, takes a superuser. docs/audit.md says what holds where.
do $$
declare
  missing text[];
  wanted text;
begin
  foreach wanted in array array['haidang_app', 'haidang_audit'] loop
    begin
      if not exists (select 1 from pg_roles where rolname = wanted) then
        execute format('create role %I nologin', wanted);
      end if;
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then missing := missing || wanted;
    end;
  end loop;
  if missing is not null then
    raise exception 'roles are missing and % may not create them: %', current_user, array_to_string(missing, ', ')
      using hint = format(
        'as an administrator: create role haidang_app nologin; create role haidang_audit nologin; grant haidang_app, haidang_audit to %I; and after the start: revoke haidang_audit from %I;',
        current_user, current_user);
  end if;
  if not pg_has_role(current_user, 'haidang_audit', 'member') then
    execute format('grant haidang_audit to %I', current_user);
  end if;
  -- To take a table over, its new owner must be allowed to make one here.
  grant create, usage on schema public to haidang_audit;
  execute format('grant usage on schema public to %I, haidang_app', current_user);
end
$$;

-- Functions of its own: whoever owns a trigger's function decides what the trigger does.
create function audit_forbid_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end
$$;
drop trigger audit_log_append_only on audit_log;
drop trigger audit_checkpoints_append_only on audit_checkpoints;
create trigger audit_log_append_only before update or truncate on audit_log
  for each statement execute function audit_forbid_change();
create trigger audit_checkpoints_append_only before update or delete or truncate on audit_checkpoints
  for each statement execute function audit_forbid_change();

do $$
begin
  alter table audit_log owner to haidang_audit;
  alter table audit_checkpoints owner to haidang_audit;
  alter function audit_append(text, text[]) owner to haidang_audit;
  alter function audit_close(text, bigint, text, text, timestamptz) owner to haidang_audit;
  alter function audit_forbid_delete() owner to haidang_audit;
  alter function audit_forbid_change() owner to haidang_audit;
  execute format('grant select on audit_log, audit_checkpoints to %I', current_user);
  execute format('grant execute on function audit_append(text, text[]), audit_close(text, bigint, text, text, timestamptz) to %I', current_user);
  -- Whatever is done because somebody asked for it can be recorded, and that is all.
  grant execute on function audit_append(text, text[]) to haidang_app;
  revoke create on schema public from haidang_audit;
end
$$;

-- The way back in is closed behind us, as far as this role may; `haidang doctor` says when it may not.
do $$
begin
  execute format('revoke haidang_audit from %I', current_user);
exception
  when insufficient_privilege then null;
end
$$;
