-- Passwords: which were set by somebody else and must be changed, which are long enough to stand without a second factor.
alter table users
  add column password_issued boolean not null default false,
  add column password_full boolean not null default true,
  -- Last sign-in, or when the account was made or unlocked: idle accounts are counted from here.
  add column last_used_at timestamptz not null default now(),
  add column locked_reason text,
  -- The terms of security that were accepted last.
  add column terms_version text,
  add column terms_accepted_at timestamptz;

create table password_history (
  id bigint generated always as identity primary key,
  user_id text not null references users (id),
  password_hash text not null,
  replaced_at timestamptz not null
);
create index password_history_user on password_history (user_id, id desc);

-- Second factors. The secret of a one-time code is in `secrets` under `totp/<user id>/<factor id>`.
create table totp_factors (
  user_id text primary key references users (id),
  factor_id text not null,
  created_at timestamptz not null,
  -- Time step of the last code that was taken: each works once (RFC 6238, 5.2).
  last_step bigint not null,
  last_used_at timestamptz
);

create table passkeys (
  credential_id text primary key,
  user_id text not null references users (id),
  name text not null,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null default '{}',
  aaguid text not null,
  backed_up boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id);

-- 119 random bits each, so one SHA-256 keeps them.
create table recovery_codes (
  code_sha256 bytea primary key,
  user_id text not null references users (id),
  created_at timestamptz not null,
  used_at timestamptz
);
create index recovery_codes_user on recovery_codes (user_id);

-- Accounts elsewhere that open an account here.
create table identity_links (
  issuer text not null,
  subject text not null,
  user_id text not null references users (id),
  label text not null,
  linked_at timestamptz not null,
  last_used_at timestamptz,
  primary key (issuer, subject),
  unique (user_id, issuer)
);

alter table sessions
  add column method text not null default 'password' check (method in ('password', 'passkey', 'oidc')),
  -- When a second factor was proved in this session.
  add column second_factor_at timestamptz,
  -- When the person last proved who they are: at sign-in, at a step-up, at unlocking.
  add column verified_at timestamptz not null default now(),
  -- When the person, not the console by itself, last did something.
  add column active_at timestamptz not null default now(),
  add column locked_at timestamptz;

-- Too many wrong passwords for one name from one network (or known browser): that pair waits, nobody else.
create table sign_in_lockouts (
  username text not null,
  source text not null,
  until timestamptz not null,
  primary key (username, source)
);
create index sign_in_lockouts_until on sign_in_lockouts (until);

-- Sealed envelopes that were used: each works once.
create table spent_envelopes (
  nonce text primary key,
  until timestamptz not null
);
create index spent_envelopes_until on spent_envelopes (until);
