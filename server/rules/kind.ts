/**
 * What a rule kind is: one file in `kinds/`, default export of {@link defineKind}, found by listing that folder.
 * A kind is pure: everything it knows comes in with its arguments, so the same evaluator serves the live stream,
 * tests, and looking back over stored data. `docs/recipes/add-a-rule-kind.md` shows the way.
 */
import type { z } from 'zod';
import type { DeviceRecord, Signal } from '../../core/ports.ts';
import type { Bbox, Evaluable, LonLat } from '../../core/reading.ts';
import type { Bilingual } from '../../core/text.ts';
import type { FlatPolygon } from '../../gis/index.ts';

/** Every state says up to when it has looked, and whether its alert stands. The rest is the kind's own. */
export interface KindState {
  /** Epoch ms of the last item that counted. */
  t: number;
  raised: boolean;
}

/** Something came from the device, whatever it was; `timeMs` is the time of arrival. */
export interface Arrival {
  kind: 'arrival';
  timeMs: number;
  /** False = nothing ever came; waited for since then, for example since the device was registered. */
  heard: boolean;
  position: LonLat | null;
  areaId: string | null;
}

/** A deadline that the kind asked for has passed; `timeMs` is the time of our own clock. */
export interface Tick {
  kind: 'tick';
  timeMs: number;
  position: LonLat | null;
  areaId: string | null;
}

export type KindItem = Evaluable | Arrival | Tick;

export interface Verdict<S> {
  state: S;
  signal: Signal | null;
  /**
   * Whether the state must survive a restart. False when it is no more than "nothing is going on, seen up to t":
   * the newest stored value says the same, and most items of a healthy centre end here.
   */
  durable: boolean;
}

/** What kinds may ask about the centre when a rule is prepared or put into words. */
export interface KindTools {
  /** IANA zone of the centre, for the clock times in sentences. */
  timeZone: string;
  area(id: string): { name: string; polygon: FlatPolygon } | undefined;
}

export interface KindExample<P> {
  name: string;
  params: P;
  items: readonly KindItem[];
  /** `null` per item = no signal. */
  expect: readonly (null | { kind: Signal['kind']; vi?: string; en?: string })[];
}

export interface RuleKind<P = unknown, R = unknown, S extends KindState = KindState> {
  /** Kebab case, the same as the file's name. */
  id: string;
  vi: string;
  en: string;
  /**
   * Whom the alert is about; `unit` falls back to the device when its tracker belongs to no unit, `group` is all
   * devices of the rule together.
   */
  subject: 'device' | 'unit' | 'group';
  /** For kinds whose parameters decide; absent = always {@link subject}. */
  subjectOf?(params: P): 'device' | 'unit' | 'group';
  /** Which items reach {@link evaluate}: measured values, position fixes, or arrivals and ticks. */
  input: 'values' | 'positions' | 'arrivals';
  params: z.ZodType<P>;
  /** The one quantity the rule looks at; null = whatever comes. */
  quantity(params: P): string | null;
  /** Whether the rule can say anything about such a device, beyond what the rule's own `appliesTo` asks. */
  applies(device: DeviceRecord, params: P): boolean;
  /** Makes of the parameters what `evaluate` needs at hand. Throws `rule.invalid` when something is missing. */
  prepare(params: P, tools: KindTools): R;
  /**
   * For `positions`: a subject without a state that stays outside this box has nothing to tell and needs no state.
   * Null = every position matters. The rules with a box are found by a spatial index.
   */
  box?(rule: R): Bbox | null;
  /** One step. `undefined` state = the first item ever; null answer = the item does not count. */
  evaluate(state: S | undefined, item: KindItem, rule: R): Verdict<S> | null;
  /**
   * When to look again though nothing comes; null = no need to. For `arrivals` a time of our clock, otherwise of the
   * events: the engine lets event time run on from the last item.
   */
  deadlineMs?(state: S, rule: R): number | null;
  /** The rule in one sentence. */
  explain(params: P, tools: KindTools): Bilingual;
  examples: readonly KindExample<P>[];
}

/** Declares a kind; the registry holds kinds of all shapes, so the particular types end here. */
export function defineKind<P, R, S extends KindState>(kind: RuleKind<P, R, S>): RuleKind {
  return kind as unknown as RuleKind;
}
