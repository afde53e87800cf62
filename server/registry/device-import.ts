import { createHash } from 'node:crypto';
import type { DeviceImportReport } from '../../core/api/devices.ts';
import { AppError, isAppError } from '../../core/errors.ts';
import { ownerAfter } from '../../core/owner.ts';
import { type Caller, can } from '../../core/permissions.ts';
import type { Tx } from '../../core/ports.ts';
import { readDeviceTable, type TableRow } from './device-table.ts';
import {
  type Credential,
  checkDomain,
  type DeviceDeps,
  knownType,
  makeCredential,
  place,
  scopeOfRow,
  searchText,
} from './devices.ts';
import {
  type DeviceRow,
  type DeviceWrite,
  devicesById,
  type NewCredential,
  replaceCredentials,
  upsertDevices,
} from './sql/devices.ts';

const ROWS_PER_STATEMENT = 500;

type Verdict = DeviceImportReport['rows'][number];
interface Planned {
  verdict: Verdict;
  device: DeviceWrite;
}

/**
 * Registers the devices of a CSV table. Runs in one transaction and can be run again: a device is known by its id,
 * and what the table leaves blank keeps its value. Each row gets its verdict; bad ones do not stop the others.
 */
export async function importDevices(
  deps: DeviceDeps,
  table: Uint8Array,
  options: { dryRun: boolean },
  caller?: Caller,
): Promise<DeviceImportReport> {
  const { database, bus, directory, audit } = deps;
  const rows = readDeviceTable(table);
  const verdicts: Verdict[] = [];
  const write = async (tx: Tx) => {
    for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
      const part = rows.slice(i, i + ROWS_PER_STATEMENT);
      const known = new Map(
        (
          await devicesById(
            tx,
            part.flatMap((row) => row.id ?? []),
          )
        ).map((row) => [row.id, row]),
      );
      const planned: Planned[] = [];
      for (const row of part) {
        const outcome = plan(deps, row, row.id === null ? undefined : known.get(row.id), caller);
        verdicts.push(outcome.verdict);
        if (outcome.device) planned.push({ verdict: outcome.verdict, device: outcome.device });
      }
      if (!options.dryRun) await store(tx, planned);
    }
  };
  const count = (verdict: Verdict['verdict']) => verdicts.filter((row) => row.verdict === verdict).length;
  const report = await database.transaction(async (tx) => {
    await write(tx);
    const counts = {
      created: count('created'),
      updated: count('updated'),
      unchanged: count('unchanged'),
      rejected: count('rejected'),
    };
    if (!options.dryRun && counts.created + counts.updated > 0) {
      const idsOf = (verdict: Verdict['verdict']) =>
        verdicts.flatMap((row) => (row.verdict === verdict && row.id !== null ? [row.id] : []));
      await audit.record(tx, {
        by: caller ?? null,
        action: 'device.import',
        object: { type: 'device', id: 'import' },
        after: {
          ...counts,
          sha256: createHash('sha256').update(table).digest('hex'),
          ids: { created: idsOf('created'), updated: idsOf('updated') },
        },
      });
    }
    return { ...counts, rows: verdicts };
  });
  if (!options.dryRun && report.created + report.updated > 0) {
    await directory.refresh(null);
    bus.emit('registry.changed', { kind: 'device', id: null });
  }
  return report;
}

function plan(
  deps: DeviceDeps,
  row: TableRow,
  before: DeviceRow | undefined,
  caller: Caller | undefined,
): { verdict: Verdict; device?: DeviceWrite } {
  const answer = (verdict: Verdict['verdict'], reason: string | null = null) => ({
    verdict: { line: row.line, id: row.id, verdict, reason, credential: null },
  });
  const { device: given, properties } = row;
  if (!given) return answer('rejected', row.reason);
  try {
    const type = knownType(deps.types, given.type);
    const domain =
      given.domain ??
      before?.domain ??
      (type.domain !== null && deps.hasDomain(type.domain) ? type.domain : null);
    checkDomain(deps.hasDomain, domain);
    if (before && before.type !== given.type)
      return answer('rejected', `the device is of type ${before.type}; a device does not change its type`);
    const site = given.site ?? 'main';
    const owner = ownerAfter(
      deps.agencies,
      { ownerAgency: given.owner_agency, agencyId: given.agency_id },
      before && { text: before.owner_agency, agencyId: before.agency_id },
    );
    const stays = before && (given.lon === undefined || given.lat === undefined);
    const device: DeviceWrite = {
      id: given.id,
      site: before?.site ?? site,
      name: given.name,
      type: type.id,
      domain,
      owner_agency: owner.text,
      agency_id: owner.agencyId,
      class: given.class ?? before?.class ?? 'internal',
      ...(stays
        ? { lon: before.lon, lat: before.lat, area_id: before.area_id }
        : place(
            deps.areas,
            given.lon === undefined || given.lat === undefined ? null : [given.lon, given.lat],
          )),
      expected_interval_s: given.expected_interval_s ?? before?.expected_interval_s ?? null,
      enabled: given.enabled,
      properties: { ...before?.properties, ...properties },
      search_text: '',
    };
    device.search_text = searchText(device);
    for (const state of before ? [before, device] : [device]) {
      if (caller && !can(caller, 'devices.write', scopeOfRow(state)))
        return answer('rejected', 'outside your grants');
    }
    if (!before) return { ...answer('created'), device };
    if (isSame(before, device)) return answer('unchanged');
    return { ...answer('updated'), device };
  } catch (error) {
    if (isAppError(error, 'request.invalid')) return answer('rejected', error.detail ?? error.message);
    throw error;
  }
}

async function store(tx: Tx, planned: readonly Planned[]): Promise<void> {
  if (planned.length === 0) return;
  const made = await upsertDevices(
    tx,
    planned.map(({ device }) => device),
  );
  const fresh = planned.filter(({ verdict }) => verdict.verdict === 'created');
  // Somebody else registered one of them in between: its credential must not change under its owner.
  if (fresh.some(({ device }) => !made.has(device.id)))
    throw new AppError('request.conflict', {
      detail: 'the registry changed meanwhile; run the import again',
    });
  const credentials = fresh.map(
    ({ verdict, device }): NewCredential & { verdict: Verdict; credential: Credential } => {
      const { credential, secret } = makeCredential(device.id, device.site);
      return { device_id: device.id, username: credential.username, secret, verdict, credential };
    },
  );
  if (credentials.length > 0) await replaceCredentials(tx, credentials);
  for (const { verdict, credential } of credentials) verdict.credential = credential;
}

function isSame(before: DeviceRow, device: DeviceWrite): boolean {
  const keys = [
    'name',
    'domain',
    'owner_agency',
    'agency_id',
    'class',
    'lon',
    'lat',
    'area_id',
    'expected_interval_s',
    'enabled',
  ] as const;
  return (
    keys.every((key) => before[key] === device[key]) &&
    JSON.stringify(Object.entries(before.properties).sort()) ===
      JSON.stringify(Object.entries(device.properties).sort())
  );
}
