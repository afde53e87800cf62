-- Accounts are made, changed, locked, opened and closed on written request only.
create table account_requests (
  id bigint generated always as identity primary key,
  action text not null check (action in ('grant', 'change', 'lock', 'unlock', 'revoke')),
  state text not null check (state in (
    'awaiting_document', 'submitted', 'returned', 'checked', 'approved', 'refused', 'executed', 'confirmed', 'withdrawn')),
  -- What is asked for has been carried out and stands.
  done boolean not null,
  -- Carried out before the document came, which is due at document_due_at.
  at_once boolean not null,
  document_due_at timestamptz,
  -- When the document came, for one that was due.
  documented_at timestamptz,
  requester_kind text not null
    check (requester_kind in ('person', 'unit', 'owner_authority', 'police', 'managing_unit')),
  requester_name text not null,
  document_number text,
  document_date date,
  reason text not null,
  -- Whose account; null until a new one is made.
  user_id text references users (id),
  kind text not null check (kind in ('person', 'service')),
  username text not null,
  display_name text not null,
  agency_id text references agencies (id),
  -- What a `change` does to the agency: nothing, or set it to agency_id.
  sets_agency boolean not null default false,
  -- Grants asked for, as the API writes them.
  grants jsonb,
  -- What refusing an act that was carried out at once gives back.
  taken jsonb,
  reply_number text,
  submitted_at timestamptz not null,
  submitted_by text not null,
  submitted_by_name text not null,
  submitted_for text,
  submitted_for_name text,
  updated_at timestamptz not null,
  check ((document_number is null) = (document_date is null)),
  check (document_number is not null or (at_once and state = 'awaiting_document')),
  check (at_once = (document_due_at is not null)),
  check (user_id is not null or action = 'grant'),
  check ((grants is not null) = (action in ('grant', 'change')))
);
create index account_requests_user on account_requests (user_id);
create index account_requests_open on account_requests (state)
  where state not in ('confirmed', 'refused', 'withdrawn');
create index account_requests_submitted on account_requests (submitted_at);
-- Two people cannot be asked in under one name at the same time.
create unique index account_requests_name on account_requests (username)
  where action = 'grant' and state in ('submitted', 'returned', 'checked', 'approved');

create table account_request_steps (
  id bigint generated always as identity primary key,
  request_id bigint not null references account_requests (id),
  at timestamptz not null,
  step text not null check (step in (
    'submit', 'act_at_once', 'document', 'check', 'return', 'resubmit', 'approve', 'refuse', 'execute', 'confirm', 'withdraw')),
  actor_id text not null,
  actor_name text not null,
  on_behalf_id text,
  on_behalf_name text,
  note text
);
create index account_request_steps_request on account_request_steps (request_id, id);
create trigger account_request_steps_append_only before update or delete or truncate on account_request_steps
  for each statement execute function forbid_change();

-- Scans of the documents: personal data, so they stay in the database with what they belong to.
create table account_request_scans (
  id text primary key,
  request_id bigint not null references account_requests (id),
  name text not null,
  media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg', 'image/webp')),
  sha256 bytea not null check (length(sha256) = 32),
  content bytea not null,
  uploaded_at timestamptz not null,
  uploaded_by text not null,
  uploaded_by_name text not null
);
create index account_request_scans_request on account_request_scans (request_id);
create trigger account_request_scans_append_only before update or delete or truncate on account_request_scans
  for each statement execute function forbid_change();

alter table grants
  -- The request that justifies it; null = given on the machine itself: first account, command line, demonstration.
  add column basis_request_id bigint references account_requests (id);

-- What a review said of a grant.
create table grant_reviews (
  id bigint generated always as identity primary key,
  grant_id bigint not null references grants (id),
  at timestamptz not null,
  outcome text not null check (outcome in ('confirmed', 'withdrawn')),
  actor_id text not null,
  actor_name text not null,
  note text,
  request_id bigint references account_requests (id)
);
create index grant_reviews_grant on grant_reviews (grant_id, at);
create trigger grant_reviews_append_only before update or delete or truncate on grant_reviews
  for each statement execute function forbid_change();

-- A name belongs to one person for ever, however it is written; a closed account is never opened or removed.
create unique index users_name_folded on users (lower(normalize(username, NFKC)));
create function users_for_ever() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'accounts are kept' using errcode = '42501';
  end if;
  if new.username is distinct from old.username then
    raise exception 'the name of an account stays' using errcode = '42501';
  end if;
  if old.status = 'revoked' and new.status <> 'revoked' then
    raise exception 'a revoked account stays revoked' using errcode = '42501';
  end if;
  return new;
end
$$;
create trigger users_for_ever before update or delete on users for each row execute function users_for_ever();
create trigger users_not_truncated before truncate on users for each statement execute function forbid_change();
