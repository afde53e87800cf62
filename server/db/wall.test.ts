import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLASSES, isAtMost, type Scope } from '../../core/permissions.ts';
import { wallOf, wallPrologue } from './wall.ts';

const ids = fc.oneof(fc.constant('all' as const), fc.uniqueArray(fc.constantFrom('a', 'b', 'c')));
const box = fc.record({
  areas: ids,
  domains: ids,
  agencies: ids,
  parties: fc.uniqueArray(fc.constantFrom('a', 'b')),
  maxClass: fc.constantFrom(...CLASSES),
});
const row = fc.record({
  area: fc.constantFrom('a', 'b', 'c', null),
  domain: fc.constantFrom('a', 'b', 'c', null),
  agency: fc.constantFrom('a', 'b', 'c', null),
  class: fc.constantFrom(...CLASSES),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

/** What the scope model says of a row that was forwarded to nobody. */
const covers = (scope: Scope, { area, domain, agency, class: dataClass }: Row) =>
  scope.some(
    ({ areas, domains, agencies, maxClass }) =>
      (areas === 'all' || (area !== null && areas.includes(area))) &&
      (domains === 'all' || domain === null || domains.includes(domain)) &&
      (agencies === 'all' || (agency !== null && agencies.includes(agency))) &&
      isAtMost(dataClass, maxClass),
  );

/** As `scope_condition` of migrations/core/0040 reads the settings. */
function shows(scope: Scope, { area, domain, agency, class: dataClass }: Row): boolean {
  const wall = wallOf(scope);
  if (wall.whole === 'restricted') return true;
  const bits = (masks: Record<string, string>, value: string | null) =>
    BigInt((value !== null && masks[value]) || 0) | BigInt(masks['*'] ?? 0);
  return (
    (bits(wall.areas, area) &
      (domain === null ? -1n : bits(wall.domains, domain)) &
      bits(wall.agencies, agency) &
      BigInt(wall.classes[dataClass] ?? 0)) !==
    0n
  );
}

describe('the settings of the second wall', () => {
  it('show exactly the rows of the scope, up to 62 boxes', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 62 }), row, (scope, one) => {
        expect(shows(scope, one)).toBe(covers(scope, one));
      }),
    );
  });

  it('are never narrower than the scope, however many boxes it has', () => {
    fc.assert(
      fc.property(fc.array(box, { minLength: 63, maxLength: 90 }), row, (scope, one) => {
        if (covers(scope, one)) expect(shows(scope, one)).toBe(true);
      }),
    );
  });

  it('show nothing to somebody without a grant', () => {
    fc.assert(
      fc.property(row, (one) => {
        expect(shows([], one)).toBe(false);
      }),
    );
  });

  it('carry ids as text, whatever stands in them', () => {
    const areas = [`'; drop table devices; --`, '\\', '"'];
    const scope: Scope = [{ areas, domains: 'all', agencies: 'all', parties: [], maxClass: 'internal' }];
    const text = wallPrologue(scope);
    expect(text).toContain(`''; drop table devices; --`);
    expect(text.split(';').length).toBeGreaterThan(4);
    // Quotes are doubled and nothing ends the literal early: what is left outside of literals names only settings.
    const outside = text.replace(/ ?E?'(?:''|\\\\|[^'\\])*'/g, '');
    expect(outside).not.toMatch(/drop|devices/);
  });
});
