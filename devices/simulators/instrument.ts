import { QUANTITIES, type QuantityCode } from '../../core/quantities.ts';
import type { LonLat } from '../../core/reading.ts';
import type { Motion } from './motion.ts';
import { gauss, hashText, smooth } from './noise.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;

/** One device at one moment. The same context gives the same message. */
export interface SimulationContext {
  seed: number;
  deviceId: string;
  timeMs: number;
  /** Where it stands, or for a mover where it is registered. */
  position: LonLat;
  /** How often it sends: sums such as rainfall are taken over it. */
  intervalS: number;
  world: World;
  /** The device's registered properties; each type names those it reads. */
  properties: Readonly<Record<string, unknown>>;
  /** Movers: where the route walker has it. */
  motion?: Motion;
}

/** A registered property that is a number, or the default. */
export function numberProperty(ctx: SimulationContext, name: string, otherwise: number): number {
  const value = ctx.properties[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/**
 * What an instrument shows for a true value: with its offset (constant), its drift (over days) and its noise, inside
 * the quantity's bounds, in the digits it is usually given with.
 *
 * `noise` is the standard deviation of one reading, in the quantity's unit.
 */
export function measure(
  ctx: SimulationContext,
  quantity: QuantityCode,
  truth: number,
  noise: number,
): number {
  const { min, max, decimals } = QUANTITIES[quantity] as { min: number; max: number; decimals: number };
  const channel = hashText(`${ctx.deviceId}/${quantity}`);
  const offset = 0.6 * noise * gauss(ctx.seed, channel);
  const drift = 0.5 * noise * smooth(ctx.timeMs / (3 * DAY_MS), ctx.seed, channel);
  const shown = truth + offset + drift + noise * gauss(ctx.seed, channel, ctx.timeMs);
  return round(Math.min(max, Math.max(min, shown)), decimals);
}

export function round(value: number, decimals: number): number {
  const unit = 10 ** decimals;
  // `+ 0` so that −0 is never sent.
  return Math.round(value * unit) / unit + 0;
}

/** A small solar station's battery (charged at noon) and its modem's signal. */
export function housekeeping(ctx: SimulationContext): { battery: number; signal: number } {
  const sun = ctx.world.weather(ctx.timeMs, ctx.position).irradianceWm2 / 900;
  const channel = hashText(`${ctx.deviceId}/modem`);
  return {
    battery: measure(ctx, 'battery', 12.55 + 0.9 * Math.min(1, sun), 0.02),
    signal: measure(ctx, 'signal', -82 + 8 * gauss(ctx.seed, channel), 1.5),
  };
}
