create table devices (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  site text not null check (site ~ '^[A-Za-z0-9_-]{1,64}$'),
  name text not null,
  type text not null,
  domain text,
  owner_agency text,
  geom geometry(Point, 4326),
  area_id text references areas (id),
  expected_interval_s integer,
  enabled boolean not null default true,
  properties jsonb not null default '{}',
  search_text text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index devices_geom on devices using gist (geom);
create index devices_area on devices (area_id);

create table device_credentials (
  device_id text not null references devices (id),
  username text not null,
  secret_sha256 bytea not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create unique index device_credentials_username on device_credentials (username) where revoked_at is null;
create index device_credentials_device on device_credentials (device_id);

create table cameras (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  name text not null,
  geom geometry(Point, 4326) not null,
  heading_deg double precision,
  fov_deg double precision,
  range_m double precision,
  area_id text references areas (id),
  domain text,
  owner_agency text,
  -- Without any credential: that is in secrets under `camera/<id>`.
  source jsonb not null,
  enabled boolean not null default true,
  state text not null default 'unknown',
  state_since timestamptz,
  state_reason text,
  last_frame_at timestamptz,
  search_text text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index cameras_geom on cameras using gist (geom);
create index cameras_area on cameras (area_id);

create table units (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  name text not null,
  call_sign text not null,
  kind text not null,
  agency text,
  crew integer,
  tracker_device_id text unique references devices (id),
  home_area_id text references areas (id),
  status text not null default 'available'
    check (status in ('available', 'assigned', 'en_route', 'on_scene', 'out_of_service')),
  status_since timestamptz not null default now(),
  search_text text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- The one place where moving units have geometry, for the nearest-unit index.
create table unit_positions (
  unit_id text primary key references units (id),
  geom geometry(Point, 4326) not null,
  time timestamptz not null,
  speed_kmh real,
  heading_deg real,
  accuracy_m real,
  area_id text
);
create index unit_positions_geom on unit_positions using gist (geom);

create table quarantine (
  id bigint generated always as identity primary key,
  received_at timestamptz not null,
  source text not null check (source in ('mqtt', 'http', 'file')),
  device_id text,
  topic text,
  code text not null,
  reason text not null,
  -- The raw message, at most 64 KiB; null when it was refused unread.
  payload bytea,
  payload_bytes bigint not null,
  replayed_at timestamptz,
  replay_result text
);
create index quarantine_received on quarantine (received_at desc, id desc);
create index quarantine_device on quarantine (device_id, id desc);
