-- What may not be deleted, by whom it was ordered, and who let it go: two people, never one (requirements: evidence
-- hold). Without devices it holds everything in its time.
create table legal_holds (
  id bigint generated always as identity primary key,
  reason text not null,
  document_no text,
  device_ids text[],
  from_time timestamptz not null,
  to_time timestamptz not null,
  placed_by text not null,
  placed_at timestamptz not null,
  release_reason text,
  release_asked_by text,
  release_asked_at timestamptz,
  released_by text,
  released_at timestamptz,
  check (to_time > from_time),
  check (device_ids is null or cardinality(device_ids) > 0),
  check ((release_asked_by is null) = (release_asked_at is null) and (release_asked_by is null) = (release_reason is null)),
  check ((released_by is null) = (released_at is null)),
  check (released_by is null or released_by <> release_asked_by)
);
create index legal_holds_open on legal_holds (from_time) where released_at is null;

-- What retention removed, run by run.
create table retention_runs (
  id bigint generated always as identity primary key,
  data text not null,
  before timestamptz not null,
  removed bigint not null,
  held bigint not null,
  at timestamptz not null
);
create index retention_runs_last on retention_runs (data, id desc);
