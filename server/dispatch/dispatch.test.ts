import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DISPATCH_STATES, type DispatchState, type Unit } from '../../core/api/dispatch.ts';
import { manualClock, seededRandom } from '../../core/clock.ts';
import { isActiveDispatch, nextDispatchStates, unitStatusDuring } from '../../core/dispatch-state.ts';
import { type AppError, isAppError } from '../../core/errors.ts';
import type { EventMap } from '../../core/events.ts';
import { WHOLE_SCOPE } from '../../core/permissions.ts';
import type { Bus } from '../../core/ports.ts';
import type { ProvinceProfile } from '../../core/profile.ts';
import type { LonLat } from '../../core/reading.ts';
import { distanceM } from '../../gis/index.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { about, HERE, seedAlertWorld, signalAt, T0, THERE } from '../../test/support/alert-signals.ts';
import { testLogger } from '../../test/support/logger.ts';
import { deviceRecord, handDirectory, testAreas } from '../../test/support/rules.ts';
import { callerWith, emptyAlerts, seedDevice, seedUnit } from '../../test/support/seed.ts';
import { testTrail } from '../../test/support/trail.ts';
import { createAgencyTree } from '../agencies/tree.ts';
import { type Alerts, createAlerts } from '../alerts/index.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { OpenDatabase } from '../db/index.ts';
import { createHealth } from '../system/index.ts';
import { createDispatch, type DispatchCapability } from './index.ts';

const operator = callerWith('operator');
const admin = callerWith('admin');
const profile: Pick<ProvinceProfile, 'dispatch'> = {
  dispatch: {
    unitKinds: [
      { id: 'environment', nameVi: 'Tổ môi trường', nameEn: 'Environment team' },
      { id: 'traffic_police', nameVi: 'CSGT', nameEn: 'Traffic police' },
    ],
    suitability: { environment: ['environment'] },
  },
};

describe.each(DATABASE_ADAPTERS)('dispatch on the $name', (adapter) => {
  let database: OpenDatabase;
  let bus: Bus;
  let alerts: Alerts;
  let desk: DispatchCapability;
  const clock = manualClock(T0);

  beforeAll(async () => {
    if (!adapter.available) return;
    database = await adapter.open();
    await seedAlertWorld(database);
    await seedDevice(database, { id: 'gps-1', type: 'gps-tracker' });
  });
  afterAll(async () => await database?.close());
  beforeEach(async (context) => {
    if (!adapter.available) return context.skip();
    await emptyAlerts(database);
    await database.query({ text: 'delete from unit_positions', values: [] });
    await database.query({ text: 'delete from units', values: [] });
    clock.set(T0);
    bus = createMemoryBus(testLogger());
    const health = createHealth(clock);
    alerts = createAlerts({
      database,
      bus,
      clock,
      logger: testLogger(),
      health,
      audit: testTrail(database, clock),
      dataDir: '/nowhere',
      snapshotSource: null,
    });
    desk = createDispatch({
      database,
      bus,
      clock,
      audit: testTrail(database, clock),
      alerts,
      devices: handDirectory([deviceRecord('gps-1', { mobile: true }), deviceRecord('st-1')]),
      areas: testAreas,
      agencies: createAgencyTree([]),
      profile,
    });
  });

  /** An alert in the first commune; its id. */
  const raise = async (subject = 'st-1', more = {}) => {
    const [change] = await database.transaction((tx) =>
      alerts.apply(tx, [about(subject, signalAt(0, 'raise', more))]),
    );
    return change?.data.alert.id ?? 0;
  };
  const unit = (id: string, at: LonLat, more = {}) =>
    seedUnit(database, { id, at, seenAtMs: T0, areaId: 'commune-a', ...more });

  it('registers a unit, shows it with its position, and says so', async () => {
    const changed: Unit[] = [];
    bus.on('test', 'unit.changed', (event) => changed.push(event));
    const made = await desk.units.create(admin, {
      name: 'Đội CSGT số 1',
      callSign: 'CSGT-01',
      kind: 'traffic_police',
      crew: 3,
      trackerDeviceId: 'gps-1',
      areaId: 'commune-a',
    });
    expect(made).toMatchObject({
      id: 'csgt-01',
      status: 'available',
      position: null,
      areaId: 'commune-a',
      trackerDeviceId: 'gps-1',
    });
    expect(changed).toEqual([made]);
    await database.query({
      text: `insert into unit_positions values ('csgt-01', st_setsrid(st_makepoint(105.2, 9.2), 4326), $1, 30, 90, 5, 'commune-b')`,
      values: [new Date(T0)],
    });
    expect(await desk.units.get(operator, 'csgt-01')).toMatchObject({
      position: [105.2, 9.2],
      speedKmh: 30,
      headingDeg: 90,
      areaId: 'commune-b',
    });
  });

  it('places a new unit where its tracker was last', async () => {
    await database.query({
      text: `with tracker as (
               insert into series (device_id, quantity, unit) values ('gps-1', 'position', 'deg') returning id)
             insert into latest_positions
             select id, $1, 105.3, 9.3, 20, 180, 5, 'commune-a', $1 from tracker`,
      values: [new Date(T0)],
    });
    const made = await desk.units.create(admin, {
      name: 'Đội CSGT số 1',
      callSign: 'CSGT-01',
      kind: 'traffic_police',
      trackerDeviceId: 'gps-1',
    });
    expect(made).toMatchObject({ position: [105.3, 9.3], positionAt: new Date(T0).toISOString() });
  });

  it.each([
    ['a kind that the profile does not know', { kind: 'spaceship' }, 'request.invalid'],
    ['a tracker that is no tracker', { trackerDeviceId: 'st-1' }, 'request.invalid'],
    ['an area that is not there', { areaId: 'atlantis' }, 'request.invalid'],
    ['a call sign that is taken', { callSign: 'X-1' }, 'request.conflict'],
    ['a tracker that is taken', { trackerDeviceId: 'gps-1', callSign: 'X-2' }, 'request.conflict'],
  ])('refuses %s', async (_, wrong, code) => {
    const good = { name: 'Tổ', callSign: 'X-9', kind: 'environment' };
    await desk.units.create(admin, { ...good, callSign: 'X-1', trackerDeviceId: 'gps-1' });
    await expect(desk.units.create(admin, { ...good, ...wrong })).rejects.toMatchObject({ code });
  });

  it('proposes the nearest free suitable units and tells why not the others', async () => {
    const alertId = await raise();
    await unit('near', [105.16, 9.18]);
    await unit('nearest', [105.151, 9.18]);
    await unit('far', [105.25, 9.25]);
    await unit('police', [105.1505, 9.18], { kind: 'traffic_police' });
    await unit('off', [105.1502, 9.18], { status: 'out_of_service' });
    await unit('stale', [105.1503, 9.18], { seenAtMs: T0 - 7_200_000 });
    await unit('elsewhere', [105.1501, 9.18]);
    await seedUnit(database, { id: 'unseen', areaId: 'commune-a' });
    const other = await raise('st-2');
    const busy = await desk.dispatches.create(operator, { alertId: other, unitId: 'elsewhere' });
    const answer = await desk.dispatches.recommendations(operator, alertId);
    expect(answer.items.map((item) => item.unit.id)).toEqual(['nearest', 'near', 'far']);
    expect(answer.items[1]?.distanceM).toBeCloseTo(distanceM(HERE, [105.16, 9.18]), 3);
    expect(answer.items[1]?.reason).toEqual({
      vi: 'Rảnh · cách 1,1 km · Tổ môi trường',
      en: 'Free · 1.1 km away · Environment team',
    });
    expect(Object.fromEntries(answer.excluded.map((item) => [item.unitId, item.reason.vi]))).toEqual({
      elsewhere: `Đang làm nhiệm vụ (điều động ${busy.id})`,
      off: 'Ngừng hoạt động',
      stale: 'Vị trí đã cũ 2 giờ',
      police: 'CSGT không phù hợp lĩnh vực này',
      unseen: 'Chưa có vị trí',
    });
    expect(answer.excluded.at(-1)?.unitId).toBe('unseen');
  });

  it('finds the same nearest units as a calculation over all two hundred', async () => {
    const random = seededRandom(7);
    const places = Array.from({ length: 200 }, (): LonLat => [105 + random.next(), 9 + random.next()]);
    for (const [index, at] of places.entries()) await unit(`u-${index}`, at);
    const alertId = await raise();
    const expected = places
      .map((at, index) => ({ id: `u-${index}`, distance: distanceM(HERE, at) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 10);
    const { items } = await desk.dispatches.recommendations(operator, alertId);
    expect(items.map((item) => item.unit.id)).toEqual(expected.map((item) => item.id));
    for (const [index, item] of items.entries())
      expect(item.distanceM).toBeCloseTo(expected[index]?.distance ?? 0, 3);
  });

  it('takes a point of the area when the alert has no place', async () => {
    await unit('near', [105.2, 9.2]);
    const alertId = await raise('ghost', { position: null });
    const { items } = await desk.dispatches.recommendations(operator, alertId);
    expect(items.map((item) => item.unit.id)).toEqual(['near']);
    const nowhere = await raise('ghost-2', { position: null, areaId: null });
    expect((await desk.dispatches.recommendations(operator, nowhere)).items).toEqual([]);
  });

  it('sends a unit and follows it to the end, in both histories and on the unit', async () => {
    const announced: string[] = [];
    bus.on('test', 'dispatch.changed', (event) => announced.push(`dispatch ${event.state} ${event.areaId}`));
    bus.on('test', 'unit.changed', (event) => announced.push(`unit ${event.status}`));
    bus.on('test', 'alert.changed', (event) => announced.push(`alert ${event.event.kind}`));
    const alertId = await raise();
    await unit('a', [105.16, 9.18]);
    const { id } = await desk.dispatches.create(operator, { alertId, unitId: 'a', note: 'đi gấp' });
    expect(announced).toEqual(['alert dispatched', 'unit assigned', 'dispatch assigned commune-a']);
    for (const state of ['accepted', 'en_route', 'on_scene', 'done'] as const) {
      clock.advance(60_000);
      const moved = await desk.dispatches.move(operator, id, { state });
      expect(moved.state).toBe(state);
      expect((await desk.units.get(operator, 'a')).status).toBe(unitStatusDuring(state));
    }
    const [dispatch] = (await desk.dispatches.list(operator, { limit: 10 })).items;
    expect(dispatch?.reason).toBe('Rảnh · cách 1,1 km · Tổ môi trường');
    expect(dispatch?.history.map((step) => [step.state, step.at, step.actor, step.note])).toEqual(
      ['assigned', 'accepted', 'en_route', 'on_scene', 'done'].map((state, index) => [
        state,
        new Date(T0 + index * 60_000).toISOString(),
        'operator',
        index === 0 ? 'đi gấp' : null,
      ]),
    );
    const alert = await alerts.inScope(operator, alertId);
    // A unit on its way acknowledges nothing.
    expect(alert.state).toBe('unacknowledged');
    expect(alert.dispatches).toEqual([{ id, unitId: 'a', state: 'done' }]);
    const lines = await alerts.eventsSince(WHOLE_SCOPE, 0, 100);
    expect(lines.map((line) => line.event.text)).toContain('A đã đến nơi');
    expect((await desk.dispatches.list(operator, { limit: 10, active: true })).items).toEqual([]);
  });

  it('lets exactly one of two hundred racing operators have the unit', async () => {
    const alertId = await raise();
    await unit('a', HERE);
    const results: PromiseSettledResult<unknown>[] = [];
    // Forty at once, five times each: more would wait for a connection, not for each other.
    const insist = async () => {
      for (let n = 0; n < 5; n++)
        results.push(
          ...(await Promise.allSettled([desk.dispatches.create(operator, { alertId, unitId: 'a' })])),
        );
    };
    await Promise.all(Array.from({ length: 40 }, insist));
    const won = results.filter((result) => result.status === 'fulfilled');
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(won).toHaveLength(1);
    expect(lost.every((error) => isAppError(error, 'dispatch.unit_busy'))).toBe(true);
    const rows = await database.query({ text: 'select id from dispatches', values: [] });
    expect(rows).toHaveLength(1);
  });

  it('does nothing when an old accept is sent again', async () => {
    const [first, second] = [await raise(), await raise('st-2')];
    await unit('a', HERE);
    const old = await desk.dispatches.create(operator, { alertId: first, unitId: 'a' });
    for (const state of ['accepted', 'en_route', 'on_scene', 'done'] as const)
      await desk.dispatches.move(operator, old.id, { state });
    const now = await desk.dispatches.create(operator, { alertId: second, unitId: 'a' });
    for (const state of ['accepted', 'assigned', 'done'] as const)
      await expect(desk.dispatches.move(operator, old.id, { state })).rejects.toThrow();
    const { items } = await desk.dispatches.list(operator, { limit: 10 });
    expect(items.map(({ id, state }) => [id, state])).toEqual([
      [now.id, 'assigned'],
      [old.id, 'done'],
    ]);
    expect((await desk.units.get(operator, 'a')).status).toBe('assigned');
  });

  it('keeps one unit out of two dispatches even when somebody writes past the service', async () => {
    const alertId = await raise();
    await unit('a', HERE);
    await desk.dispatches.create(operator, { alertId, unitId: 'a' });
    const second = database.query({
      text: `insert into dispatches (alert_id, unit_id, state, created_by) values ($1, 'a', 'assigned', 'x')`,
      values: [alertId],
    });
    await expect(second).rejects.toThrow(/dispatches_one_per_unit/);
    await database.query({ text: `update units set status = 'available'`, values: [] });
    await expect(desk.dispatches.create(operator, { alertId, unitId: 'a' })).rejects.toMatchObject({
      code: 'dispatch.unit_busy',
    });
  });

  it('follows the state machine over any order of steps', async () => {
    const alertId = await raise();
    await unit('a', HERE);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...DISPATCH_STATES), { maxLength: 8 }),
        async (steps: DispatchState[]) => {
          let { id, state } = await desk.dispatches.create(operator, { alertId, unitId: 'a' });
          for (const step of [...steps, 'cancelled' as const]) {
            const allowed: boolean = nextDispatchStates(state).includes(step);
            try {
              state = (await desk.dispatches.move(operator, id, { state: step })).state;
              expect(allowed).toBe(true);
            } catch (error) {
              expect((error as AppError).code).toBe('dispatch.illegal_transition');
              expect(allowed).toBe(false);
            }
            const { status, dispatchId } = await desk.units.get(operator, 'a');
            expect(status).toBe(unitStatusDuring(state));
            expect(dispatchId).toBe(isActiveDispatch(state) ? id : null);
          }
          expect(isActiveDispatch(state)).toBe(false);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('refuses a closed alert, a unit out of service, and to put a busy unit out of service', async () => {
    const alertId = await raise();
    await unit('a', HERE);
    const off = await desk.units.setStatus(operator, 'a', { status: 'out_of_service', reason: 'hỏng xe' });
    expect(off).toMatchObject({ status: 'out_of_service', statusReason: 'hỏng xe' });
    await expect(desk.dispatches.create(operator, { alertId, unitId: 'a' })).rejects.toMatchObject({
      code: 'request.conflict',
    });
    expect((await desk.units.setStatus(operator, 'a', { status: 'available' })).statusReason).toBeNull();
    await desk.dispatches.create(operator, { alertId, unitId: 'a' });
    await expect(desk.units.setStatus(operator, 'a', { status: 'out_of_service' })).rejects.toMatchObject({
      code: 'dispatch.unit_busy',
    });
    await unit('b', HERE);
    await database.transaction((tx) =>
      alerts.append(tx, { alertId, kind: 'resolved', actor: 'operator', text: 'xong' }),
    );
    await expect(desk.dispatches.create(operator, { alertId, unitId: 'b' })).rejects.toMatchObject({
      code: 'request.conflict',
    });
  });

  it('hides alerts, units and dispatches that the grant does not cover', async () => {
    const mine = await raise();
    const theirs = await raise('st-2', { areaId: 'commune-b', position: THERE });
    await unit('a', HERE);
    await unit('b', THERE, { areaId: 'commune-b' });
    const made = await desk.dispatches.create(operator, { alertId: theirs, unitId: 'b' });
    const inA = callerWith('operator', { areas: ['commune-a'] });
    expect((await desk.units.list(inA, { limit: 10 })).items.map((item) => item.id)).toEqual(['a']);
    expect((await desk.dispatches.list(inA, { limit: 10 })).items).toEqual([]);
    const answer: EventMap['unit.changed'][] = (await desk.dispatches.recommendations(inA, mine)).items.map(
      (item) => item.unit,
    );
    expect(answer.map((item) => item.id)).toEqual(['a']);
    const refused: (() => Promise<unknown>)[] = [
      () => desk.units.get(inA, 'b'),
      () => desk.units.setStatus(inA, 'b', { status: 'out_of_service' }),
      () => desk.dispatches.recommendations(inA, theirs),
      () => desk.dispatches.create(inA, { alertId: theirs, unitId: 'a' }),
      () => desk.dispatches.create(inA, { alertId: mine, unitId: 'b' }),
      () => desk.dispatches.move(inA, made.id, { state: 'accepted' }),
      () => desk.dispatches.move(inA, 999_999, { state: 'accepted' }),
    ];
    for (const act of refused) await expect(act()).rejects.toMatchObject({ code: 'request.not_found' });
    await expect(
      desk.units.create(callerWith('admin', { areas: ['commune-a'] }), {
        name: 'x',
        callSign: 'x',
        kind: 'environment',
        areaId: 'commune-b',
      }),
    ).rejects.toMatchObject({ code: 'auth.forbidden' });
  });

  it('pages through units and dispatches', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      await unit(id, HERE);
      await desk.dispatches.create(operator, { alertId: await raise(`ghost-${id}`), unitId: id });
    }
    const units: string[] = [];
    const dispatches: number[] = [];
    let cursor: string | undefined;
    do {
      const answer = await desk.units.list(operator, { limit: 2, cursor });
      units.push(...answer.items.map((item) => item.id));
      cursor = answer.nextCursor ?? undefined;
    } while (cursor !== undefined);
    do {
      const answer = await desk.dispatches.list(operator, { limit: 2, cursor });
      dispatches.push(...answer.items.map((item) => item.id));
      cursor = answer.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(units).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(dispatches).toEqual([...dispatches].sort((x, y) => y - x));
    expect(new Set(dispatches).size).toBe(5);
  });
});
