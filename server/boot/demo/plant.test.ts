import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testLogger } from '../../../test/support/logger.ts';
import { memorySecrets } from '../../../test/support/secrets.ts';
import { plant, type Registrar } from './plant.ts';
import { readSeed } from './seed.ts';

const FOLDER = join(import.meta.dirname, '../../../config/provinces/demo');

/** A centre that only remembers who is in it, and counts what is asked of it. */
function emptyCentre() {
  const have = { area: new Set<string>(), device: new Set<string>(), camera: new Set<string>() };
  const more = { unit: new Set<string>(), rule: new Set<string>(), user: new Set<string>() };
  const calls: string[] = [];
  const credential = (id: string) => ({
    username: id,
    password: `secret-of-${id}`,
    topic: `ioc/v1/main/${id}/up`,
  });
  const make = (set: Set<string>, what: string) => async (item: { id: string }) => {
    calls.push(`${what} ${item.id}`);
    set.add(item.id);
  };
  const registrar: Registrar = {
    hasArea: (id) => have.area.has(id),
    async importAreas(collection) {
      const { features } = collection as { features: { properties: { code: string } }[] };
      for (const feature of features) have.area.add(feature.properties.code);
      calls.push('areas');
      return { imported: { province: 1, district: 0, commune: 23 }, rejected: [] } as never;
    },
    hasDevice: (id) => have.device.has(id),
    async createDevice(device) {
      await make(have.device, 'device')(device);
      return { credential: credential(device.id) };
    },
    async renewCredential(id) {
      calls.push(`renew ${id}`);
      return credential(id);
    },
    hasCamera: (id) => have.camera.has(id),
    createCamera: make(have.camera, 'camera'),
    hasUnit: async (id) => more.unit.has(id),
    createUnit: make(more.unit, 'unit'),
    hasRule: async (id) => more.rule.has(id),
    createRule: make(more.rule, 'rule'),
    usernames: async () => more.user,
    async createUser({ username }) {
      calls.push(`user ${username}`);
      more.user.add(username);
      return { password: `password-of-${username}` };
    },
  };
  const secrets = memorySecrets();
  const kept = secrets.values;
  return { registrar, secrets, kept, calls };
}

describe('planting the sample province', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plant-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));
  const planting = async (centre: ReturnType<typeof emptyCentre>) =>
    plant({ ...centre, seed: await readSeed(FOLDER), folder: FOLDER, dataDir, logger: testLogger() });

  it('puts everything in, areas first, and writes the sample passwords where only the owner reads them', async () => {
    const centre = emptyCentre();
    const planted = await planting(centre);
    expect(centre.calls[0]).toBe('areas');
    expect(planted.credentials.size).toBe(planted.newDevices.size);
    expect(planted.newDevices.size).toBeGreaterThanOrEqual(60);
    const file = planted.accountsFile ?? '';
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain('truc.ban\tpassword-of-truc.ban');
  });

  it('changes nothing the second time, and still knows the credentials', async () => {
    const centre = emptyCentre();
    const first = await planting(centre);
    centre.calls.length = 0;
    const second = await planting(centre);
    expect(centre.calls).toEqual([]);
    expect(second.credentials).toEqual(first.credentials);
    expect(second.newDevices.size).toBe(0);
    expect(second.accountsFile).toBeUndefined();
  });

  it('renews the credentials when they are lost, without making the devices new', async () => {
    const centre = emptyCentre();
    await planting(centre);
    centre.kept.clear();
    centre.calls.length = 0;
    const again = await planting(centre);
    expect(centre.calls.every((call) => call.startsWith('renew '))).toBe(true);
    expect(again.newDevices.size).toBe(0);
    expect(again.credentials.get('kk-01')?.password).toBe('secret-of-kk-01');
  });
});
