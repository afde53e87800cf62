import type { QuantityCode } from '../core/quantities.ts';
import type { DecodedReading } from '../core/reading.ts';
import type { SimulationContext } from './simulators/instrument.ts';

/**
 * A kind of device that the product can talk to: one file in `devices/types/`, default export, found by listing
 * that folder. `devices/README.md` has the recipe.
 */
export interface DeviceType {
  /** Kebab case, the same as the file's name. */
  id: string;
  vi: string;
  en: string;
  /** Name of a Tabler outline icon. */
  icon: string;
  /** Whether the place comes with the readings instead of from the registry. */
  mobile: boolean;
  /** What it can measure; `'any'` = whatever fits {@link QUANTITY_NAME}. */
  quantities: readonly QuantityCode[] | 'any';
  /** How often a healthy device of this type sends, unless its registration says otherwise. */
  expectedIntervalS: number;
  /**
   * One message, already JSON → the moments in it, values untouched: the pipeline judges units, finiteness, times
   * and positions. Errors: `payload.schema`, `payload.empty`, `device.too_many_quantities`.
   */
  decode(payload: unknown): DecodedReading[];
  /** Real-looking messages with what must come out; the generic test runs them all. */
  samples: readonly Sample[];
  /**
   * What such a device would send at a moment: JSON for `decode`, plausible, tied to the world around it, noisy, and
   * the same again for the same context. The type's file says which registered properties it reads.
   */
  simulate(ctx: SimulationContext): Record<string, unknown>;
}

interface Sample {
  name: string;
  payload: unknown;
  expect: readonly DecodedReading[];
}

/** What a quantity may be called: registered ones and a generic device's own. */
export const QUANTITY_NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** Distinct quantities in one message: keeps a runaway device from making series without end. */
export const MAX_QUANTITIES = 64;

/** Readings in one batch. */
export const MAX_READINGS = 5000;
