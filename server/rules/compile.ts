import type { AppliesTo } from '../../core/api/rules.ts';
import { AppError } from '../../core/errors.ts';
import type { DeviceRecord } from '../../core/ports.ts';
import type { Bbox } from '../../core/reading.ts';
import { type BoxIndex, buildBoxIndex, type FlatPolygon } from '../../gis/index.ts';
import type { AlertRule } from '../alerts/index.ts';
import { eventDeadline, type Judge, makeJudge } from './judge.ts';
import type { KindState, KindTools, RuleKind } from './kind.ts';
import type { RuleKinds } from './kind-registry.ts';
import type { RuleRow } from './sql.ts';

/** The areas as rules need them. */
export interface RuleAreas {
  nameOf(areaId: string): string | null;
  /** The given areas and everything below them. */
  subtree(roots: Iterable<string>): ReadonlySet<string>;
  shape(areaId: string): FlatPolygon | undefined;
}

/** A rule in force, ready to judge. */
export interface CompiledRule {
  /** What its alerts remember of it. */
  info: AlertRule;
  kind: RuleKind;
  prepared: unknown;
  subject: RuleKind['subject'];
  /** Runs, but tells nobody. */
  shadow: boolean;
  /** One item through deadlines, schedule, lateness and kind. */
  judge: Judge;
  /** When it wants to be asked though nothing comes, in event time. */
  deadlineMs(state: KindState): number | null;
  latenessMs: number;
  /** Outside this box nothing new begins; null = everywhere matters. */
  box: Bbox | null;
  /** Since when this version is as it is, epoch ms. */
  sinceMs: number;
  /** null = the rule looks at whatever comes. */
  quantity: string | null;
  /** The devices it names one by one; null = it does not. */
  devices: readonly string[] | null;
  covers(device: DeviceRecord): boolean;
  /** How often it threw since it was compiled. */
  faults: number;
}

export function alertRuleOf({ id, version, kind, name, domain, severity }: RuleRow): AlertRule {
  return { id, version, kind, name, domain, severity };
}

export function kindTools(areas: RuleAreas, timeZone: string): KindTools {
  return {
    timeZone,
    area(id) {
      const polygon = areas.shape(id);
      return polygon && { name: areas.nameOf(id) ?? id, polygon };
    },
  };
}

/** The kind of a rule and its parameters, checked. Throws `rule.invalid`. */
export function parseRule(kindId: string, params: unknown, kinds: RuleKinds) {
  const kind = kinds.get(kindId);
  if (!kind) {
    const known = kinds.all().map(({ id }) => id);
    throw new AppError('rule.invalid', { detail: `kind: ${kindId} is none of ${known.join(', ')}` });
  }
  const parsed = kind.params.safeParse(params);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 20).map((issue) => ({
      path: ['params', ...issue.path].join('.'),
      message: issue.message,
    }));
    const [first] = issues;
    throw new AppError('rule.invalid', { detail: `${first?.path}: ${first?.message}`, data: { issues } });
  }
  return { kind, params: parsed.data };
}

/** Throws `rule.invalid`, for example when an area the rule names is gone. */
export function compileRule(
  row: RuleRow,
  kinds: RuleKinds,
  areas: RuleAreas,
  tools: KindTools,
): CompiledRule {
  const { kind, params } = parseRule(row.kind, row.params, kinds);
  const prepared = kind.prepare(params, tools);
  const latenessMs = (row.options.latenessS ?? 0) * 1000;
  const appliesTo: AppliesTo = row.applies_to;
  const devices = appliesTo.devices && new Set(appliesTo.devices);
  const types = appliesTo.types && new Set(appliesTo.types);
  const within = appliesTo.areas && areas.subtree(appliesTo.areas);
  return {
    info: alertRuleOf(row),
    kind,
    prepared,
    subject: kind.subjectOf?.(params) ?? kind.subject,
    shadow: row.state === 'shadow',
    judge: makeJudge({
      kind,
      prepared,
      schedule: row.options.schedule ?? null,
      latenessMs,
      timeZone: tools.timeZone,
    }),
    deadlineMs: (state) => eventDeadline({ kind, prepared, latenessMs }, state),
    latenessMs,
    // Items that wait are judged later, wherever they are by then.
    box: latenessMs > 0 ? null : (kind.box?.(prepared) ?? null),
    sinceMs: row.updated_at.getTime(),
    quantity: kind.quantity(params),
    devices: appliesTo.devices ?? null,
    covers: (device) =>
      device.enabled &&
      (!devices || devices.has(device.id)) &&
      (!types || types.has(device.type)) &&
      (!within || (device.areaId !== null && within.has(device.areaId))) &&
      kind.applies(device, params),
    faults: 0,
  };
}

/** Which rules may have to look at what, without asking each rule about each item. */
export interface RuleIndex {
  /**
   * Rules of the given input that may look at this quantity of this device; `covers` still has to be asked. Those
   * with a box are not among them: {@link near} finds them.
   */
  candidates(input: RuleKind['input'], deviceId: string, quantity: string | null): CompiledRule[];
  /** Rules with a box that this one touches. */
  near(box: Bbox): CompiledRule[];
  /** Rules that judge silence. */
  arrivals: readonly CompiledRule[];
  /** The longest that any rule lets items come late. */
  latenessMs: number;
}

export function indexRules(rules: Iterable<CompiledRule>): RuleIndex {
  const named = new Map<string, CompiledRule[]>();
  const open = new Map<string, CompiledRule[]>();
  const arrivals: CompiledRule[] = [];
  const boxed: CompiledRule[] = [];
  const boxes: Bbox[] = [];
  let latenessMs = 0;
  const add = (map: Map<string, CompiledRule[]>, key: string, rule: CompiledRule) => {
    const list = map.get(key);
    if (list) list.push(rule);
    else map.set(key, [rule]);
  };
  for (const rule of rules) {
    latenessMs = Math.max(latenessMs, rule.latenessMs);
    if (rule.kind.input === 'arrivals') arrivals.push(rule);
    if (rule.box) {
      boxed.push(rule);
      boxes.push(rule.box);
      continue;
    }
    const key = `${rule.kind.input}\n${rule.quantity ?? ''}`;
    if (rule.devices) for (const id of new Set(rule.devices)) add(named, `${key}\n${id}`, rule);
    else add(open, key, rule);
  }
  const index: BoxIndex = buildBoxIndex(boxes);
  return {
    arrivals,
    latenessMs,
    near: (box) => index.touching(box).flatMap((at) => boxed[at] ?? []),
    candidates(input, deviceId, quantity) {
      const found: CompiledRule[] = [];
      for (const wanted of quantity === null ? [''] : ['', quantity]) {
        const key = `${input}\n${wanted}`;
        found.push(...(open.get(key) ?? []), ...(named.get(`${key}\n${deviceId}`) ?? []));
      }
      return found;
    },
  };
}
