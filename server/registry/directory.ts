import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Bus, Database, DeviceDirectory, DeviceRecord, Logger } from '../../core/ports.ts';
import { sha256 } from '../http/index.ts';
import { type KnownDevice, knownDevices } from './sql/devices.ts';
import { type CertificateRow, deviceCertificates } from './sql/proofs.ts';
import type { TypeCatalogue } from './types.ts';

const OWNER = 'registry.devices';
const NOBODY = Buffer.alloc(32);

export interface KnownDevices extends DeviceDirectory {
  nameOf(id: string): string | null;
  /** Reads one device anew, or all. */
  refresh(id: string | null): Promise<void>;
  close(): void;
}

interface Credential {
  deviceId: string;
  secret: Buffer;
  /** The one before, as long as it may still be used. */
  previous: Buffer | null;
  previousUntilMs: number;
}

/**
 * Every device in memory, for the front and the pipeline. A credential is checked by one SHA-256: secrets are
 * random, so a slow hash would add nothing but a way to stop the front with wrong passwords.
 */
export async function createDirectory(options: {
  database: Database;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  types: TypeCatalogue;
}): Promise<KnownDevices> {
  const { database, bus, clock, logger, types } = options;
  let records = new Map<string, DeviceRecord>();
  let names = new Map<string, string>();
  let credentials = new Map<string, Credential>();
  let usernames = new Map<string, string>();
  let certificates = certificateTable([]);

  const put = (
    row: KnownDevice,
    into: {
      records: typeof records;
      names: typeof names;
      credentials: typeof credentials;
      usernames: typeof usernames;
    },
  ) => {
    const type = types.get(row.type);
    const mobile = type?.mobile ?? false;
    into.records.set(row.id, {
      id: row.id,
      site: row.site,
      type: row.type,
      enabled: row.enabled,
      position: row.lon === null || row.lat === null || mobile ? null : [row.lon, row.lat],
      areaId: row.area_id,
      domain: row.domain,
      agencyId: row.agency_id,
      class: row.class,
      mobile,
      unitId: row.unit_id,
      unit:
        row.unit_id === null ? null : { agencyId: row.unit_agency_id, class: row.unit_class ?? 'internal' },
      expectedIntervalS: row.expected_interval_s ?? type?.expectedIntervalS ?? null,
    });
    into.names.set(row.id, row.name);
    if (row.username !== null && row.secret_sha256 !== null) {
      into.credentials.set(row.username, {
        deviceId: row.id,
        secret: row.secret_sha256,
        previous: row.previous_sha256,
        previousUntilMs: row.previous_until?.getTime() ?? 0,
      });
      into.usernames.set(row.id, row.username);
    }
  };

  const refresh = async (id: string | null) => {
    certificates = certificateTable(await deviceCertificates(database));
    const rows = await knownDevices(database, id);
    if (id === null) {
      const fresh = {
        records: new Map<string, DeviceRecord>(),
        names: new Map<string, string>(),
        credentials: new Map<string, Credential>(),
        usernames: new Map<string, string>(),
      };
      for (const row of rows) put(row, fresh);
      ({ records, names, credentials, usernames } = fresh);
      return;
    }
    const username = usernames.get(id);
    if (username !== undefined) credentials.delete(username);
    usernames.delete(id);
    records.delete(id);
    for (const row of rows) put(row, { records, names, credentials, usernames });
  };
  await refresh(null);

  // Changes that others announce: a unit that got another tracker, areas that moved, another process.
  let dirty = false;
  let reading = false;
  const refreshSoon = () => {
    dirty = true;
    if (reading) return;
    reading = true;
    const again = async () => {
      while (dirty) {
        dirty = false;
        await refresh(null);
      }
    };
    again()
      .catch((error) => logger.error({ err: String(error) }, 'devices could not be read'))
      .finally(() => {
        reading = false;
      });
  };
  bus.on(OWNER, 'registry.changed', ({ kind, id }) => {
    // With an id it is this process's own change, which is in memory before it is announced.
    if (kind === 'unit' || (kind === 'device' && id === null)) refreshSoon();
  });

  return {
    byId: (id) => records.get(id),
    all: () => records.values(),
    nameOf: (id) => names.get(id) ?? null,
    async authenticate(username, password) {
      const credential = credentials.get(username);
      const given = sha256(password);
      const same = timingSafeEqual(given, credential?.secret ?? NOBODY);
      const old = timingSafeEqual(given, credential?.previous ?? NOBODY);
      if (!credential) return undefined;
      return same || (old && clock.now() < credential.previousUntilMs) ? credential.deviceId : undefined;
    },
    byCertificate({ fingerprint, subject }) {
      if (certificates.denied.has(fingerprint)) return undefined;
      return certificates.byFingerprint.get(fingerprint) ?? certificates.bySubject.get(subject);
    },
    refresh,
    close: () => bus.off(OWNER),
  };
}

/** What the front asks of certificates; a fingerprint that was taken back and not given again is denied. */
function certificateTable(rows: readonly CertificateRow[]) {
  const open = rows.filter((row) => row.revoked_at === null);
  const of = (kind: CertificateRow['kind']) =>
    new Map(open.filter((row) => row.kind === kind).map((row) => [row.value, row.device_id]));
  const byFingerprint = of('fingerprint');
  const revoked = rows.filter((row) => row.kind === 'fingerprint' && row.revoked_at !== null);
  const denied = new Set(revoked.map((row) => row.value).filter((value) => !byFingerprint.has(value)));
  return { byFingerprint, bySubject: of('subject'), denied };
}
