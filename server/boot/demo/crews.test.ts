import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dispatch, DispatchState } from '../../../core/api/dispatch.ts';
import { manualClock } from '../../../core/clock.ts';
import { checkDispatchTransition } from '../../../core/dispatch-state.ts';
import { wholeCentre } from '../../../core/permissions.ts';
import { fastDistanceM } from '../../../core/plane.ts';
import type { LonLat } from '../../../core/reading.ts';
import type { RoadGraph } from '../../../devices/index.ts';
import { testLogger } from '../../../test/support/logger.ts';
import { createMemoryBus } from '../../bus/index.ts';
import { createCrews } from './crews.ts';
import { readRoadGraph } from './roads.ts';

const FOLDER = join(import.meta.dirname, '../../../config/provinces/demo');
const START = Date.UTC(2026, 10, 22, 1);
const PLACE: LonLat = [105.4677, 9.2006];
const quiet = testLogger();
/** Lets promises of the crews' steps settle. */
const settle = async () => {
  for (let i = 0; i < 8; i++) await Promise.resolve();
};

describe('the crews of the sample province', () => {
  let graph: RoadGraph;
  beforeAll(async () => {
    graph = await readRoadGraph(FOLDER);
  });

  async function openCentre(underWay: Dispatch[] = []) {
    const clock = manualClock(START);
    const bus = createMemoryBus(quiet);
    const reports: { state: DispatchState; atMs: number }[] = [];
    let dispatch = underWay[0] ?? ({ id: 7, alertId: 3, unitId: 'm1', state: 'assigned' } as Dispatch);
    const change = (state: DispatchState) => {
      dispatch = { ...dispatch, state };
      bus.emit('dispatch.changed', { ...dispatch, ...wholeCentre(null) });
    };
    const crews = createCrews({
      graph,
      seed: 1,
      movers: [
        {
          deviceId: 'gps-m1',
          unitId: 'm1',
          posts: [
            [105.37118, 9.20853],
            [105.4113, 9.20404],
            [105.51488, 9.20543],
          ],
          dwellS: 90,
        },
      ],
      startMs: START,
      clock,
      bus,
      logger: quiet,
      desk: {
        open: async () => underWay,
        placeOf: async () => PLACE,
        report: async (_id, state) => {
          checkDispatchTransition(dispatch.state, state);
          reports.push({ state, atMs: clock.now() });
          change(state);
        },
      },
    });
    await crews.start();
    const where = () => crews.motionOf('gps-m1', clock.now())?.position as LonLat;
    /** A second at a time, so that what one report leads to happens at its own time. */
    const pass = async (seconds: number, until: () => boolean = () => false) => {
      for (let s = 0; s < seconds && !until(); s++) {
        clock.advance(1000);
        await settle();
      }
    };
    return { clock, crews, reports, change, where, pass };
  }

  it('drive their rounds when nobody calls', async () => {
    const centre = await openCentre();
    const places = [];
    for (let i = 0; i < 30; i++) {
      places.push(centre.where().join());
      await centre.pass(60);
    }
    expect(new Set(places).size).toBeGreaterThan(10);
    expect(centre.reports).toEqual([]);
  });

  it('accept, drive there, say they are there when they are, and go back when they are done', async () => {
    const centre = await openCentre();
    centre.change('assigned');
    await centre.pass(3600, () => centre.reports.some((r) => r.state === 'on_scene'));
    expect(centre.reports.map((r) => r.state)).toEqual(['accepted', 'en_route', 'on_scene']);
    expect(fastDistanceM(centre.where(), PLACE)).toBeLessThan(60);
    await centre.pass(600);
    expect(centre.reports.map((r) => r.state)).toEqual(['accepted', 'en_route', 'on_scene', 'done']);
    expect(fastDistanceM(centre.where(), PLACE)).toBeGreaterThan(500);
  });

  it('turn round when the dispatch is cancelled on the way', async () => {
    const centre = await openCentre();
    centre.change('assigned');
    await centre.pass(60, () => centre.reports.some((r) => r.state === 'en_route'));
    await centre.pass(20);
    centre.change('cancelled');
    await centre.pass(3600);
    expect(centre.reports.map((r) => r.state)).toEqual(['accepted', 'en_route']);
    centre.crews.stop();
  });

  it('take up after a restart what they were at, and finish it', async () => {
    const centre = await openCentre([{ id: 7, alertId: 3, unitId: 'm1', state: 'on_scene' } as Dispatch]);
    const away = fastDistanceM(centre.where(), PLACE);
    await centre.pass(235);
    expect(fastDistanceM(centre.where(), PLACE)).toBeLessThan(away / 2);
    await centre.pass(10);
    expect(centre.reports.map((r) => r.state)).toEqual(['done']);
    centre.crews.stop();
  });
});
