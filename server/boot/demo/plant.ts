/**
 * Puts the sample province's registry into the centre, through the same services that the API uses, and only what is
 * missing: a second start changes nothing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AreaImportReport } from '../../../core/api/areas.ts';
import { DeviceCredential } from '../../../core/api/devices.ts';
import { AppError } from '../../../core/errors.ts';
import type { Logger, SecretStore } from '../../../core/ports.ts';
import type { Seed } from './seed.ts';

/** What the sample needs of the centre. */
export interface Registrar {
  hasArea(id: string): boolean;
  importAreas(collection: unknown): Promise<AreaImportReport>;
  hasDevice(id: string): boolean;
  createDevice(device: Seed['devices'][number]): Promise<{ credential: Credential }>;
  renewCredential(deviceId: string): Promise<Credential>;
  hasCamera(id: string): boolean;
  createCamera(camera: Seed['cameras'][number]): Promise<unknown>;
  hasUnit(id: string): Promise<boolean>;
  createUnit(unit: Seed['units'][number]['unit']): Promise<unknown>;
  hasRule(id: string): Promise<boolean>;
  /** Creates the rule and puts it in force. */
  createRule(rule: Seed['rules'][number]): Promise<unknown>;
  usernames(): Promise<ReadonlySet<string>>;
  createUser(user: Seed['accounts'][number]): Promise<{ password?: string }>;
}

type Credential = z.output<typeof DeviceCredential>;

export interface PlantOptions {
  seed: Seed;
  /** With `areas.geojson`. */
  folder: string;
  dataDir: string;
  secrets: SecretStore;
  registrar: Registrar;
  logger: Logger;
}

export interface Planted {
  credentials: ReadonlyMap<string, Credential>;
  /** Registered just now. */
  newDevices: ReadonlySet<string>;
  /** File with the sample accounts' passwords, when any was made just now. */
  accountsFile: string | undefined;
}

const SECRET = 'demo/device-credentials';
const Stored = z.record(z.string(), DeviceCredential);

export async function plant(options: PlantOptions): Promise<Planted> {
  const { seed, registrar, logger } = options;
  const areas = JSON.parse(await readFile(join(options.folder, 'areas.geojson'), 'utf8')) as {
    features: { properties: { code: string } }[];
  };
  if (!areas.features.every((feature) => registrar.hasArea(feature.properties.code))) {
    const { imported, rejected } = await registrar.importAreas(areas);
    const [first] = rejected;
    if (first)
      throw new AppError('area.invalid_geometry', { detail: `sample areas: ${JSON.stringify(first)}` });
    logger.info(imported, 'sample areas imported');
  }

  const { credentials, newDevices } = await plantDevices(options);
  for (const camera of seed.cameras)
    if (!registrar.hasCamera(camera.id)) await registrar.createCamera(camera);
  for (const { unit } of seed.units)
    if (!(await registrar.hasUnit(unit.id))) await registrar.createUnit(unit);
  for (const rule of seed.rules) if (!(await registrar.hasRule(rule.id))) await registrar.createRule(rule);
  const accountsFile = await plantAccounts(options);
  return { credentials, newDevices, accountsFile };
}

/** The devices' passwords are shown once by the registry; the simulated devices keep theirs in the secret store. */
async function plantDevices({ seed, registrar, secrets }: PlantOptions) {
  const kept = Stored.parse(JSON.parse((await secrets.get(SECRET)) ?? '{}'));
  const credentials = new Map(Object.entries(kept));
  const newDevices = new Set<string>();
  let changed = false;
  for (const device of seed.devices) {
    const known = registrar.hasDevice(device.id);
    if (known && credentials.has(device.id)) continue;
    const credential = known
      ? await registrar.renewCredential(device.id)
      : (await registrar.createDevice(device)).credential;
    if (!known) newDevices.add(device.id);
    credentials.set(device.id, credential);
    changed = true;
  }
  if (changed) await secrets.set(SECRET, JSON.stringify(Object.fromEntries(credentials)));
  return { credentials, newDevices };
}

async function plantAccounts({ seed, registrar, dataDir }: PlantOptions): Promise<string | undefined> {
  const lines: string[] = [];
  const known = await registrar.usernames();
  for (const account of seed.accounts) {
    if (known.has(account.username)) continue;
    const { password } = await registrar.createUser(account);
    if (password !== undefined) lines.push(`${account.username}\t${password}\t${account.displayName}`);
  }
  if (lines.length === 0) return undefined;
  const file = join(dataDir, 'demo-accounts');
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'a' });
  return file;
}
