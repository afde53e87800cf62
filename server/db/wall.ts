import pg from 'pg';
import {
  CLASSES,
  classesUpTo,
  isWhole,
  type Scope,
  type ScopeBox,
  strictest,
} from '../../core/permissions.ts';

/** The role of migrations/core/0040: no owner, no right to pass by row-level security. */
export const CALLER_ROLE = 'haidang_app';

/** Bits of a bigint, its sign left out: as many boxes of a scope can be told apart. */
const MAX_BOXES = 62;
/** Key of the boxes that are not limited in a dimension. */
const ANY = '*';

/** Value → the boxes of the scope that hold it, as the bits of a decimal number. */
type Masks = Record<string, string>;

interface Wall {
  /** The class up to which the scope leaves nothing out; empty = it is limited in every class. */
  whole: string;
  areas: Masks;
  domains: Masks;
  agencies: Masks;
  parties: Masks;
  classes: Masks;
}

const DIMENSIONS = ['areas', 'domains', 'agencies', 'parties', 'classes'] as const;

const valuesOf: Record<(typeof DIMENSIONS)[number], (box: ScopeBox) => readonly string[]> = {
  areas: ({ areas }) => (areas === 'all' ? [ANY] : areas),
  domains: ({ domains }) => (domains === 'all' ? [ANY] : domains),
  agencies: ({ agencies }) => (agencies === 'all' ? [ANY] : agencies),
  parties: ({ parties }) => parties,
  classes: ({ maxClass }) => classesUpTo(maxClass),
};

/**
 * A scope in the form in which the policies read it: a row is visible when one box holds all of its values. Bits
 * cost the same per row however many boxes there are, about 1 µs; a function that goes through them costs 8.
 */
export function wallOf(scope: Scope): Wall {
  const boxes = bounded(scope);
  const masksOf = (valuesIn: (box: ScopeBox) => readonly string[]): Masks => {
    const bits = new Map<string, bigint>();
    for (const [index, box] of boxes.entries())
      for (const value of valuesIn(box)) bits.set(value, (bits.get(value) ?? 0n) | (1n << BigInt(index)));
    return Object.fromEntries([...bits].map(([value, mask]) => [value, String(mask)]));
  };
  return {
    whole: CLASSES.toReversed().find((one) => isWhole(scope, one)) ?? '',
    areas: masksOf(valuesOf.areas),
    domains: masksOf(valuesOf.domains),
    agencies: masksOf(valuesOf.agencies),
    parties: masksOf(valuesOf.parties),
    classes: masksOf(valuesOf.classes),
  };
}

/**
 * At most as many boxes as there are bits. What is beyond is put together into one box that holds all of theirs: for
 * somebody with so many grants this wall is wider than the first, never narrower.
 */
function bounded(scope: Scope): Scope {
  if (scope.length <= MAX_BOXES) return scope;
  const rest = scope.slice(MAX_BOXES - 1);
  const union = (key: 'areas' | 'domains' | 'agencies'): readonly string[] | 'all' =>
    rest.some((box) => box[key] === 'all') ? 'all' : [...new Set(rest.flatMap((box) => box[key]))];
  return [
    ...scope.slice(0, MAX_BOXES - 1),
    {
      areas: union('areas'),
      domains: union('domains'),
      agencies: union('agencies'),
      parties: [...new Set(rest.flatMap((box) => box.parties))],
      maxClass: rest.map((box) => box.maxClass).reduce(strictest),
    },
  ];
}

/**
 * What opens a transaction behind the wall, in one message. All of it ends with the transaction. Should any of it
 * fail, the transaction is void and no later statement of it runs.
 */
export function wallPrologue(scope: Scope): string {
  const wall = wallOf(scope);
  const setting = (name: string, value: string) =>
    `set_config('app.scope_${name}', ${pg.escapeLiteral(value)}, true)`;
  const settings = [
    setting('whole', wall.whole),
    // Who sees everything needs no list of it.
    ...DIMENSIONS.map((name) => setting(name, wall.whole === 'restricted' ? '' : JSON.stringify(wall[name]))),
  ];
  return `begin; set local role ${CALLER_ROLE}; set local search_path = seen, public; select ${settings.join(', ')}`;
}
