-- A renewed password may leave the old one usable for a while, so that a device in the field can be given the new one.
alter table device_credentials
  add column previous_sha256 bytea,
  add column previous_until timestamptz;

-- Client certificates by which devices are known: one certificate by its fingerprint, or whatever certificate our own
-- authority gives to a subject. A fingerprint that was taken back stays refused, also under a known subject.
create table device_certificates (
  id text primary key,
  device_id text not null references devices (id),
  kind text not null check (kind in ('fingerprint', 'subject')),
  value text not null,
  created_at timestamptz not null,
  created_by text not null,
  revoked_at timestamptz,
  revoked_by text
);
create unique index device_certificates_value on device_certificates (kind, value) where revoked_at is null;
create index device_certificates_device on device_certificates (device_id);
