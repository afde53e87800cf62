-- Who did what: append-only, one hash chain per agency and one for the centre. docs/audit.md has the canonical form
-- of an entry and the formula of its hash.
create table audit_log (
  chain text not null check (chain <> ''),
  seq bigint not null check (seq > 0),
  at timestamptz not null,
  action text not null,
  actor_id text not null,
  actor_name text not null,
  on_behalf_id text,
  on_behalf_name text,
  session_id text,
  ip text,
  object_type text,
  object_id text,
  object_name text,
  -- Place of the object in the scope model; agency_id is whose it is, the chain is whose person acted.
  area_id text,
  domain text,
  agency_id text,
  class text,
  -- json, not jsonb: the text is hashed as it stands.
  before json,
  after json,
  reason text,
  request_id text,
  prev_hash bytea not null check (length(prev_hash) = 32),
  hash bytea not null check (length(hash) = 32),
  primary key (chain, seq)
);
create index audit_log_at on audit_log (at desc, chain, seq desc);
create index audit_log_actor on audit_log (actor_id, at desc);
create index audit_log_on_behalf on audit_log (on_behalf_id, at desc) where on_behalf_id is not null;
create index audit_log_object on audit_log (object_type, object_id, at desc);
create index audit_log_action on audit_log (action, at desc);

-- Where a chain was cut off at its old end because its rows had been kept long enough: the rest verifies from here.
create table audit_checkpoints (
  chain text not null,
  seq bigint not null,
  hash bytea not null check (length(hash) = 32),
  closed_at timestamptz not null,
  -- The signed JSON text and its Ed25519 signature.
  document text not null,
  signature text not null,
  primary key (chain, seq)
);

create trigger audit_log_append_only before update or truncate on audit_log
  for each statement execute function forbid_change();
create trigger audit_checkpoints_append_only before update or delete or truncate on audit_checkpoints
  for each statement execute function forbid_change();

-- Rows leave only with a segment that was closed.
create function audit_forbid_delete() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from audit_checkpoints c where c.chain = old.chain and c.seq >= old.seq) then
    raise exception 'audit_log is append-only' using errcode = '42501';
  end if;
  return old;
end
$$;
create trigger audit_log_no_delete before delete on audit_log
  for each row execute function audit_forbid_delete();

-- The one way in. Numbers and hashes are made here, under a lock that is held until the transaction of the act ends,
-- so that a chain has no gap and no fork whoever races or dies. The entries are canonical JSON texts.
create function audit_append(p_chain text, p_entries text[]) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_seq bigint;
  v_hash bytea;
  v_prev bytea;
  v_text text;
  e json;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit ' || p_chain, 0));
  select l.seq, l.hash into v_seq, v_hash from audit_log l where l.chain = p_chain order by l.seq desc limit 1;
  if not found then
    select c.seq, c.hash into v_seq, v_hash
      from audit_checkpoints c where c.chain = p_chain order by c.seq desc limit 1;
  end if;
  if not found then
    v_seq := 0;
    v_hash := sha256(convert_to('haidang-audit:v1:' || p_chain, 'UTF8'));
  end if;
  foreach v_text in array p_entries loop
    v_seq := v_seq + 1;
    v_prev := v_hash;
    v_hash := sha256(v_prev || int8send(v_seq) || convert_to(v_text, 'UTF8'));
    e := v_text::json;
    insert into audit_log (
      chain, seq, at, action, actor_id, actor_name, on_behalf_id, on_behalf_name, session_id, ip,
      object_type, object_id, object_name, area_id, domain, agency_id, class, before, after, reason, request_id, prev_hash, hash
    ) values (
      p_chain, v_seq, (e->>'at')::timestamptz, e->>'action', e->>'actorId', e->>'actorName', e->>'onBehalfId',
      e->>'onBehalfName', e->>'sessionId', e->>'ip', e->>'objectType', e->>'objectId', e->>'objectName',
      e->>'areaId', e->>'domain', e->>'agencyId', e->>'class', e->'before', e->'after', e->>'reason', e->>'requestId', v_prev, v_hash
    );
  end loop;
  return v_seq;
end
$$;

-- Closes the segment of a chain up to a number and removes its rows. Rows younger than three months stay whoever
-- asks, and so does the last row. Returns how many went.
create function audit_close(p_chain text, p_seq bigint, p_document text, p_signature text, p_at timestamptz)
returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_hash bytea;
  v_count bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit ' || p_chain, 0));
  select l.hash into v_hash from audit_log l where l.chain = p_chain and l.seq = p_seq;
  if not found or not exists (select 1 from audit_log l where l.chain = p_chain and l.seq > p_seq) then
    raise exception 'chain % has no row % with a row after it', p_chain, p_seq using errcode = '22023';
  end if;
  if exists (
    select 1 from audit_log l where l.chain = p_chain and l.seq <= p_seq and l.at > now() - interval '3 months'
  ) then
    raise exception 'rows younger than three months stay' using errcode = '42501';
  end if;
  insert into audit_checkpoints (chain, seq, hash, closed_at, document, signature)
    values (p_chain, p_seq, v_hash, p_at, p_document, p_signature);
  delete from audit_log l where l.chain = p_chain and l.seq <= p_seq;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

revoke all on function audit_append(text, text[]) from public;
revoke all on function audit_close(text, bigint, text, text, timestamptz) from public;
