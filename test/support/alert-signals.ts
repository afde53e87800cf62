import type { Database, Signal } from '../../core/ports.ts';
import type { LonLat } from '../../core/reading.ts';
import type { AlertRule, AlertSignal } from '../../server/alerts/index.ts';
import { seedArea, seedDevice, seedRule } from './seed.ts';

/** The moment at which suites about alerts begin. */
export const T0 = Date.UTC(2026, 10, 22, 1);
export const HERE: LonLat = [105.15, 9.18];
export const THERE: LonLat = [105.6, 9.6];

export const RULE: AlertRule = {
  id: 'dust',
  version: 1,
  kind: 'threshold',
  name: 'Bụi mịn cao',
  domain: 'environment',
  severity: 'major',
};

/** A province with two communes, a station in each, and two rules. */
export async function seedAlertWorld(database: Database): Promise<void> {
  await seedArea(database, { path: ['province'], name: 'Tỉnh', at: [105, 9], sizeDeg: 1 });
  await seedArea(database, {
    path: ['province', 'commune-a'],
    name: 'Xã A',
    at: [105.1, 9.1],
    sizeDeg: 0.2,
  });
  await seedArea(database, {
    path: ['province', 'commune-b'],
    name: 'Xã B',
    at: [105.5, 9.5],
    sizeDeg: 0.2,
  });
  await seedDevice(database, { id: 'st-1', name: 'Trạm Cửa Biển', at: HERE, areaId: 'commune-a' });
  await seedDevice(database, { id: 'st-2', name: 'Trạm B', at: THERE, areaId: 'commune-b' });
  await seedRule(database, { id: 'dust' });
  await seedRule(database, { id: 'other' });
}

/** A signal so many minutes after {@link T0}, in the first commune unless told otherwise. */
export function signalAt(minute: number, kind: Signal['kind'], more: Partial<Signal> = {}): Signal {
  return {
    kind,
    timeMs: T0 + minute * 60_000,
    position: HERE,
    areaId: 'commune-a',
    evidence: { value: 163 },
    explanation: { vi: `phút ${minute}`, en: `minute ${minute}` },
    peak: 163,
    ...more,
  };
}

export function about(subjectId: string, signal: Signal, rule: AlertRule = RULE): AlertSignal {
  return { rule, subjectType: 'device', subjectId, signal };
}
