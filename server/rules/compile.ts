import type { AppliesTo } from '../../core/api/rules.ts';
import { AppError } from '../../core/errors.ts';
import type { DeviceRecord } from '../../core/ports.ts';
import type { FlatPolygon } from '../../gis/index.ts';
import type { AlertRule } from '../alerts/index.ts';
import type { KindTools, RuleKind } from './kind.ts';
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
  const appliesTo: AppliesTo = row.applies_to;
  const devices = appliesTo.devices && new Set(appliesTo.devices);
  const types = appliesTo.types && new Set(appliesTo.types);
  const within = appliesTo.areas && areas.subtree(appliesTo.areas);
  return {
    info: alertRuleOf(row),
    kind,
    prepared: kind.prepare(params, tools),
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
  /** Rules of the given input that may look at this quantity of this device; `covers` still has to be asked. */
  candidates(input: RuleKind['input'], deviceId: string, quantity: string | null): CompiledRule[];
  /** Rules that judge silence. */
  arrivals: readonly CompiledRule[];
}

export function indexRules(rules: Iterable<CompiledRule>): RuleIndex {
  const named = new Map<string, CompiledRule[]>();
  const open = new Map<string, CompiledRule[]>();
  const arrivals: CompiledRule[] = [];
  const add = (map: Map<string, CompiledRule[]>, key: string, rule: CompiledRule) => {
    const list = map.get(key);
    if (list) list.push(rule);
    else map.set(key, [rule]);
  };
  for (const rule of rules) {
    if (rule.kind.input === 'arrivals') arrivals.push(rule);
    const key = `${rule.kind.input}\n${rule.quantity ?? ''}`;
    if (rule.devices) for (const id of new Set(rule.devices)) add(named, `${key}\n${id}`, rule);
    else add(open, key, rule);
  }
  return {
    arrivals,
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
