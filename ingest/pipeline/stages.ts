import type { StageRun } from './job.ts';
import { decode } from './stages/decode.ts';
import { dedupe } from './stages/dedupe.ts';
import { evaluate } from './stages/evaluate.ts';
import { identify } from './stages/identify.ts';
import { locate } from './stages/locate.ts';
import { normalise } from './stages/normalise.ts';
import { series } from './stages/series.ts';
import { validate } from './stages/validate.ts';
import { write } from './stages/write.ts';

export interface Stage {
  name: string;
  run: StageRun;
}

/** The way of every message, in this order. Whatever goes wrong before `write` still ends there, as a refusal. */
export const STAGES: readonly Stage[] = [
  // Credential → device and type; unknown and disabled devices are refused.
  { name: 'identify', run: identify },
  // Bytes → readings, by the device's type.
  { name: 'decode', run: decode },
  // Readings → values and fixes in UTC and canonical units.
  { name: 'normalise', run: normalise },
  // Time window; good, suspect, bad, calibrating or fault.
  { name: 'validate', run: validate },
  // Device × quantity → series, made at first sight up to the device's cap.
  { name: 'series', run: series },
  // Exact repeats out; what is newer than its series is live.
  { name: 'dedupe', run: dedupe },
  // Place and area.
  { name: 'locate', run: locate },
  // Rules, for what is live.
  { name: 'evaluate', run: evaluate },
  // To the batch writer; acknowledged after its commit.
  { name: 'write', run: write },
];
