create table users (
  id text primary key default gen_random_uuid()::text,
  username text not null unique,
  display_name text not null,
  password_hash text not null,
  status text not null default 'active' check (status in ('active', 'locked')),
  created_at timestamptz not null default now(),
  password_changed_at timestamptz not null default now()
);

create table grants (
  id bigint generated always as identity primary key,
  user_id text not null references users (id),
  role text not null,
  -- Roots of the subtrees this grant covers; null = everywhere.
  area_ids text[],
  -- null = all domains.
  domains text[],
  valid_from timestamptz not null default now(),
  valid_to timestamptz,
  created_at timestamptz not null default now()
);
create index grants_user on grants (user_id);

create table sessions (
  id text primary key,
  user_id text not null references users (id),
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoke_reason text,
  ip text,
  user_agent text
);
create index sessions_user on sessions (user_id);

-- Opaque refresh tokens, stored hashed, each usable once; using one twice closes the session.
create table refresh_tokens (
  token_sha256 bytea primary key,
  session_id text not null references sessions (id),
  issued_at timestamptz not null default now(),
  used_at timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

-- AES-256-GCM under the key file of the data directory: camera passwords, signing keys.
create table secrets (
  name text primary key,
  sealed bytea not null,
  updated_at timestamptz not null default now()
);
