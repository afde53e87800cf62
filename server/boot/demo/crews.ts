/**
 * The people in the units: they drive their rounds, and when they are sent somewhere they say yes, drive there, say
 * that they have arrived when they have, do their work and go back. Everything they report goes through the desk as a
 * crew's own terminal would send it.
 */
import type { Dispatch, DispatchState } from '../../../core/api/dispatch.ts';
import type { Clock } from '../../../core/clock.ts';
import { isActiveDispatch } from '../../../core/dispatch-state.ts';
import type { Bus, Logger } from '../../../core/ports.ts';
import type { LonLat } from '../../../core/reading.ts';
import {
  backToPatrol,
  createPatrol,
  type Motion,
  type RoadGraph,
  sendTo,
  type Walker,
  walkerAt,
} from '../../../devices/index.ts';

export interface Desk {
  /** Dispatches that are under way. */
  open(): Promise<Dispatch[]>;
  /** Where an alert is; null when it has no place. */
  placeOf(alertId: number): Promise<LonLat | null>;
  /** In the name of the unit's crew. */
  report(dispatch: Dispatch, state: DispatchState, note?: string): Promise<void>;
}

export interface Mover {
  deviceId: string;
  /** Absent = a vehicle that nobody can send. */
  unitId?: string;
  posts: readonly LonLat[];
  dwellS: number;
}

export interface CrewsOptions {
  graph: RoadGraph;
  seed: number;
  movers: readonly Mover[];
  startMs: number;
  clock: Clock;
  bus: Bus;
  desk: Desk;
  logger: Logger;
}

export interface Crews {
  /** Where a tracker is; undefined until its round has been planned. */
  motionOf(deviceId: string, timeMs: number): Motion | undefined;
  /** Plans the rounds one by one, giving way between them, then takes up dispatches that are under way. */
  start(): Promise<void>;
  stop(): void;
}

interface Crew {
  mover: Mover;
  walker: Walker;
  job: { dispatchId: number; state: DispatchState; cancel: () => void } | null;
}

const OWNER = 'demo crews';
/** How long a crew takes, in seconds: to answer, to get going, and for its work at the place. */
const ANSWER_S = 4;
const LEAVE_S = 5;
const WORK_S = 240;
/** They speak when they stand, and their tracker has said so too. */
const ARRIVED_S = 7;

export function createCrews(options: CrewsOptions): Crews {
  const { graph, seed, clock, bus, desk, logger } = options;
  const crews = new Map<string, Crew>();
  const byUnit = new Map<string, Crew>();
  let stopped = false;

  const plan = (mover: Mover, index: number) => {
    const walker = createPatrol(graph, mover.posts, {
      seed: seed + index,
      dwellS: mover.dwellS,
      // Each somewhere else in its round, so that they are not all at home when the centre opens.
      originMs: options.startMs - index * 173_000,
    });
    const crew: Crew = { mover, walker, job: null };
    crews.set(mover.deviceId, crew);
    if (mover.unitId !== undefined) byUnit.set(mover.unitId, crew);
  };

  /** Runs a step later unless the job has ended by then; a failed report ends the job. */
  const later = (crew: Crew, delayS: number, step: () => Promise<void>) => {
    const job = crew.job;
    if (!job || stopped) return;
    job.cancel = clock.after(delayS * 1000, () => {
      step().catch((error) => {
        logger.warn({ unitId: crew.mover.unitId, err: String(error) }, 'a crew could not report');
        goBack(crew);
      });
    });
  };

  const goBack = (crew: Crew) => {
    crew.job?.cancel();
    crew.job = null;
    if (crew.walker.doing.kind === 'errand') crew.walker = backToPatrol(graph, crew.walker, clock.now());
  };

  /** Sets out for the alert; resolves to the time of arrival, or undefined when there is nowhere to go any more. */
  const setOut = async (crew: Crew, dispatch: Dispatch): Promise<number | undefined> => {
    const place = await desk.placeOf(dispatch.alertId);
    if (!place || crew.job?.dispatchId !== dispatch.id) {
      goBack(crew);
      return undefined;
    }
    crew.walker = sendTo(graph, crew.walker, place, clock.now());
    const { doing } = crew.walker;
    return doing.kind === 'errand' ? doing.trip.endMs : clock.now();
  };

  const go = async (crew: Crew, dispatch: Dispatch) => {
    const arriveMs = await setOut(crew, dispatch);
    if (arriveMs === undefined) return;
    later(crew, (arriveMs - clock.now()) / 1000 + ARRIVED_S, () => desk.report(dispatch, 'on_scene'));
  };

  const work = async (crew: Crew, dispatch: Dispatch) => {
    // After a restart the crew may be anywhere, though its dispatch says that it is there.
    if (crew.walker.doing.kind !== 'errand') await setOut(crew, dispatch);
    later(crew, WORK_S, () => desk.report(dispatch, 'done', 'đã kiểm tra và xử lý tại chỗ'));
  };

  /** What the crew does about the state its dispatch is in; each report comes back as the next state. */
  const follow = (dispatch: Dispatch) => {
    const crew = byUnit.get(dispatch.unitId);
    if (!crew || stopped) return;
    if (!isActiveDispatch(dispatch.state)) {
      if (crew.job?.dispatchId === dispatch.id) goBack(crew);
      return;
    }
    if (crew.job?.dispatchId === dispatch.id && crew.job.state === dispatch.state) return;
    crew.job?.cancel();
    crew.job = { dispatchId: dispatch.id, state: dispatch.state, cancel: () => {} };
    if (dispatch.state === 'assigned') later(crew, ANSWER_S, () => desk.report(dispatch, 'accepted'));
    else if (dispatch.state === 'accepted') later(crew, LEAVE_S, () => desk.report(dispatch, 'en_route'));
    else if (dispatch.state === 'en_route') later(crew, 0, () => go(crew, dispatch));
    else later(crew, 0, () => work(crew, dispatch));
  };

  return {
    motionOf(deviceId, timeMs) {
      const crew = crews.get(deviceId);
      return crew && walkerAt(crew.walker, timeMs);
    },
    async start() {
      for (const [index, mover] of options.movers.entries()) {
        if (stopped) return;
        plan(mover, index);
        await new Promise((resolve) => setImmediate(resolve));
      }
      bus.on(OWNER, 'dispatch.changed', follow);
      for (const dispatch of await desk.open()) follow(dispatch);
    },
    stop() {
      stopped = true;
      bus.off(OWNER);
      for (const crew of crews.values()) crew.job?.cancel();
    },
  };
}
