-- Accounts of machines: they hold grants as people do, but have no password and never sign in.
alter table users alter column password_hash drop not null;
alter table users
  add column kind text not null default 'person' check (kind in ('person', 'service')),
  add column created_by text,
  add constraint users_people_have_passwords check (kind <> 'person' or password_hash is not null);

-- `hdk_<id>_<secret>`: the id is public, of the secret (256 random bits) only the hash is here.
create table api_keys (
  id text primary key,
  user_id text not null references users (id),
  name text not null,
  secret_sha256 bytea not null,
  -- Less than the account may do; null = all of it.
  permissions text[],
  -- Fewer of the account's grants; null = all of them, also those it gets later.
  grant_ids integer[],
  -- Addresses and networks from which it works; null = anywhere.
  networks text[],
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  last_used_ip text,
  revoked_at timestamptz,
  revoked_by text
);
create index api_keys_user on api_keys (user_id, created_at desc);
