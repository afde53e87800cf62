import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UserCreate } from '../../../core/api/auth.ts';
import { CameraCreate } from '../../../core/api/cameras.ts';
import { Position, Slug } from '../../../core/api/common.ts';
import { DeviceCreate } from '../../../core/api/devices.ts';
import { UnitCreate } from '../../../core/api/dispatch.ts';
import { RuleCreate } from '../../../core/api/rules.ts';
import { AppError } from '../../../core/errors.ts';

/** What a province's folder may bring for a demonstration: its registry, and what happens in it. */
const named = { id: Slug };
const Seconds = z.number().min(0).max(31_536_000);

const Round = {
  patrol: z.array(Position).min(1),
  dwellS: z.number().min(1).max(86_400).describe('seconds at each post, give or take a half'),
};
const Episode = z.strictObject({
  kind: z.enum(['pollution', 'salinity', 'congestion']),
  startS: Seconds,
  durationS: Seconds.min(1),
  riseS: Seconds.min(1).optional(),
  centre: Position,
  radiusKm: z.number().positive(),
  peak: z.number().positive(),
  drift: z.strictObject({ towardsDeg: z.number(), speedKmh: z.number().positive() }).optional(),
  everyS: Seconds.min(1).optional(),
});
const Outage = z.strictObject({
  device: Slug,
  startS: Seconds,
  durationS: Seconds.min(1),
  everyS: Seconds.min(1),
});

const FILES = {
  devices: z.array(z.strictObject({ ...DeviceCreate.shape, ...named, position: Position })),
  cameras: z.array(z.strictObject({ ...CameraCreate.shape, ...named })),
  units: z.array(
    z.strictObject({
      unit: z.strictObject({ ...UnitCreate.shape, ...named, trackerDeviceId: Slug }),
      home: Position,
      ...Round,
    }),
  ),
  rules: z.array(z.strictObject({ ...RuleCreate.shape, ...named })),
  accounts: z.array(UserCreate.omit({ password: true })),
  life: z.strictObject({
    seed: z.number().int(),
    intrusionKm: z.number().positive(),
    episodes: z.array(Episode),
    outages: z.array(Outage),
    movers: z.array(z.strictObject({ device: Slug, ...Round })),
  }),
};
type Files = { [K in keyof typeof FILES]: z.output<(typeof FILES)[K]> };
export type Seed = Files;
export type Life = Seed['life'];

/**
 * Reads `<folder>/seed/*.yaml`.
 * @throws AppError `config.invalid` with one line per problem, also for references that lead nowhere.
 */
export async function readSeed(folder: string): Promise<Seed> {
  const problems: string[] = [];
  const read = async <K extends keyof Files>(name: K): Promise<Files[K]> => {
    const file = join(folder, 'seed', `${name}.yaml`);
    const result = FILES[name].safeParse(parse(await readFile(file, 'utf8')));
    if (!result.success)
      throw new AppError('config.invalid', {
        detail: `${file}: ${result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
      });
    return result.data as Files[K];
  };
  const seed: Seed = {
    devices: await read('devices'),
    cameras: await read('cameras'),
    units: await read('units'),
    rules: await read('rules'),
    accounts: await read('accounts'),
    life: await read('life'),
  };

  const devices = new Map(seed.devices.map((device) => [device.id, device]));
  const twice = (what: string, ids: string[]) => {
    for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i)))
      problems.push(`${what} "${id}" is there twice`);
  };
  twice(
    'device',
    seed.devices.map((d) => d.id),
  );
  twice(
    'camera',
    seed.cameras.map((c) => c.id),
  );
  twice(
    'unit',
    seed.units.map((u) => u.unit.id),
  );
  twice(
    'rule',
    seed.rules.map((r) => r.id),
  );
  twice('tracker', [
    ...seed.units.map((u) => u.unit.trackerDeviceId),
    ...seed.life.movers.map((m) => m.device),
  ]);
  const known = (id: string, where: string) => {
    if (!devices.has(id)) problems.push(`${where}: no device "${id}"`);
  };
  for (const { unit } of seed.units) known(unit.trackerDeviceId, `unit ${unit.id}`);
  for (const rule of seed.rules) for (const id of rule.appliesTo.devices ?? []) known(id, `rule ${rule.id}`);
  for (const outage of seed.life.outages) known(outage.device, 'outage');
  for (const mover of seed.life.movers) known(mover.device, 'mover');
  if (problems.length > 0)
    throw new AppError('config.invalid', { detail: `${folder}/seed: ${problems.join('; ')}` });
  return seed;
}
