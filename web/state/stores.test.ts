import { beforeEach, describe, expect, it } from 'vitest';
import type { Unit } from '../../core/api/dispatch.ts';
import { moveUnits, readingsFromLive, resetEntities, useLatest, useUnits } from './stores.ts';

const value = (over: { quantity?: string; value?: number; timeMs?: number } = {}) => ({
  deviceId: 'kk-02',
  quantity: 'pm25',
  unit: 'ug/m3',
  timeMs: 1000,
  value: 10,
  quality: 0,
  areaId: null,
  domain: null,
  agencyId: null,
  class: 'internal' as const,
  position: null,
  ...over,
});

const unit: Unit = {
  id: 'm7',
  name: 'CSGT số 2',
  callSign: 'M7',
  kind: 'traffic_police',
  agency: null,
  agencyId: null,
  class: 'internal',
  crew: 3,
  trackerDeviceId: null,
  status: 'available',
  statusSince: '2026-11-22T01:00:00Z',
  position: [105.1, 9.1],
  positionAt: '2026-11-22T01:00:10Z',
  speedKmh: 10,
  headingDeg: 90,
  accuracyM: 5,
  areaId: 'a',
  dispatchId: null,
  alertId: null,
};

beforeEach(resetEntities);

describe('latest values', () => {
  it('keep the youngest of each quantity, whatever the order of arrival', () => {
    useLatest.put(readingsFromLive([value({ timeMs: 2000, value: 20 }), value({ timeMs: 1000, value: 10 })]));
    useLatest.put(
      readingsFromLive([value({ timeMs: 1500, value: 15 }), value({ quantity: 'pm10', value: 30 })]),
    );
    const entry = useLatest.getState().byId.get('kk-02');
    expect(entry?.readings.pm25?.value).toBe(20);
    expect(entry?.readings.pm10?.value).toBe(30);
    expect(entry?.timeMs).toBe(2000);
  });

  it('say nothing changed when nothing was younger', () => {
    useLatest.put(readingsFromLive([value()]));
    const before = useLatest.getState();
    useLatest.put(readingsFromLive([value()]));
    expect(useLatest.getState()).toBe(before);
  });

  it('turn the quality code into its name', () => {
    const [entry] = readingsFromLive([{ ...value(), quality: 1 }]);
    expect(entry?.readings.pm25?.quality).toBe('suspect');
  });
});

describe('units', () => {
  const fix = (timeMs: number, lon: number) => ({
    unitId: 'm7',
    timeMs,
    lon,
    lat: 9.2,
    speedKmh: 40,
    headingDeg: 10,
    accuracyM: 4,
    areaId: null,
    agencyId: null,
    class: 'internal' as const,
  });

  it('move with younger fixes only, and strangers are ignored', () => {
    useUnits.put([unit]);
    moveUnits([fix(Date.parse('2026-11-22T01:00:20Z'), 105.2), { ...fix(9e12, 1), unitId: 'nobody' }]);
    moveUnits([fix(Date.parse('2026-11-22T01:00:15Z'), 105.9)]);
    expect(useUnits.getState().byId.get('m7')).toMatchObject({ position: [105.2, 9.2], areaId: 'a' });
    expect(useUnits.getState().byId.size).toBe(1);
  });

  it('take a new status without falling back to the older position that came with it', () => {
    useUnits.put([unit]);
    moveUnits([fix(Date.parse('2026-11-22T01:00:20Z'), 105.2)]);
    useUnits.put([{ ...unit, status: 'en_route' }]);
    expect(useUnits.getState().byId.get('m7')).toMatchObject({ status: 'en_route', position: [105.2, 9.2] });
  });
});
