-- Powers that somebody lends out of a grant of their own, for a time. What is left empty is as in that grant; the grant
-- is asked each time, so a loan never outlives or outgrows it.
create table delegations (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('delegation', 'acting', 'mutual_aid', 'break_glass')),
  from_user text not null references users (id),
  to_user text not null references users (id),
  grant_id bigint not null references grants (id),
  permissions text[],
  agency_ids text[],
  area_ids text[],
  domains text[],
  max_class text check (max_class in ('public', 'internal', 'restricted')),
  reason text not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_by text references users (id),
  check (from_user <> to_user),
  check (valid_to > valid_from),
  check ((ended_at is null) = (ended_by is null)),
  -- Whoever stands in for the director has all of the director's powers, and is the only one.
  check (kind <> 'acting' or (permissions is null and agency_ids is null and area_ids is null and domains is null
                              and max_class is null)),
  constraint delegations_one_acting exclude using gist (
    (case when ended_at <= valid_from then 'empty'::tstzrange
          else tstzrange(valid_from, least(valid_to, ended_at)) end) with &&) where (kind = 'acting')
);
create index delegations_to on delegations (to_user, valid_to);
create index delegations_from on delegations (from_user, valid_to);
