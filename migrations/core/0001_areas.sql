create extension if not exists postgis;

create table areas (
  id text primary key,
  code text not null,
  parent_id text references areas (id),
  level text not null check (level in ('province', 'district', 'commune')),
  name text not null,
  full_name text not null,
  full_name_en text not null default '',
  area_km2 double precision,
  geom geometry(MultiPolygon, 4326) not null,
  -- Ancestors from the root down to the area itself.
  path text[] not null,
  valid_from date,
  valid_to date,
  search_text text not null default '',
  created_at timestamptz not null default now(),
  check (valid_to is null or valid_from is null or valid_from < valid_to)
);
create index areas_geom on areas using gist (geom);
create index areas_path on areas using gin (path);
create index areas_parent on areas (parent_id);
create unique index areas_code_validity on areas (code, coalesce(valid_from, '-infinity'));
