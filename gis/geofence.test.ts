import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LonLat } from '../core/reading.ts';
import { destination } from './geo.ts';
import { type Fence, type FenceSide, type FenceState, fenceVerdict, nextFenceState } from './geofence.ts';
import { flattenPolygon } from './polygon.ts';

const centre: LonLat = [105.15, 9.18];
const circle: Fence = { kind: 'circle', centre, radiusM: 500 };
/** The same circle, drawn with 720 corners. */
const drawn: Fence = {
  kind: 'polygon',
  polygon: flattenPolygon([[Array.from({ length: 721 }, (_, i) => destination(centre, (i % 720) / 2, 500))]]),
};

describe('fenceVerdict', () => {
  it('says the same of a circle and of its drawing', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 360, noNaN: true }),
        fc.double({ min: 0, max: 5000, noNaN: true }),
        fc.double({ min: 0, max: 200, noNaN: true }),
        (azimuth, lengthM, accuracyM) => {
          // 5 cm is what 720 corners cut off, and the plane of the border distance adds 0.1 %.
          const border = Math.abs(lengthM - 500);
          fc.pre(Math.abs(border - accuracyM) > 0.1 + border * 0.002 && border > 0.1);
          const place = destination(centre, azimuth, lengthM);
          const [a, b] = [fenceVerdict(circle, place, accuracyM), fenceVerdict(drawn, place, accuracyM)];
          expect(a.side).toBe(border < accuracyM ? 'uncertain' : lengthM < 500 ? 'inside' : 'outside');
          expect(b.side).toBe(a.side);
          expect(b.inside).toBe(a.inside);
        },
      ),
    );
  });

  it('counts the border itself as inside when the fix is exact', () => {
    const corner: LonLat = [105, 9];
    const square: Fence = {
      kind: 'polygon',
      polygon: flattenPolygon([[[corner, [105.01, 9], [105.01, 9.01], [105, 9.01], corner]]]),
    };
    expect(fenceVerdict(square, corner, 0)).toEqual({ side: 'inside', inside: true, borderM: 0 });
  });

  it('assumes a usual receiver when a fix does not say how good it is', () => {
    expect(fenceVerdict(circle, destination(centre, 0, 492), null).side).toBe('uncertain');
    expect(fenceVerdict(circle, destination(centre, 0, 488), null).side).toBe('inside');
  });
});

describe('nextFenceState', () => {
  it('tells of every crossing once, in turn, and never on an uncertain or first fix', () => {
    const side = fc.constantFrom<FenceSide>('inside', 'outside', 'uncertain');
    fc.assert(
      fc.property(fc.array(side, { maxLength: 40 }), (sides) => {
        let state: FenceState = 'unknown';
        let lastCrossing: string | null = null;
        for (const next of sides) {
          const before: FenceState = state;
          const step = nextFenceState(state, next);
          state = step.state;
          if (next === 'uncertain') expect(step).toEqual({ state: before, crossing: null });
          else expect(state).toBe(next);
          if (before === 'unknown') expect(step.crossing).toBeNull();
          if (step.crossing) {
            expect(step.crossing).not.toBe(lastCrossing);
            expect(step.crossing).toBe(state === 'inside' ? 'enter' : 'exit');
            lastCrossing = step.crossing;
          }
        }
        const certain = sides.filter((s) => s !== 'uncertain');
        const changes = certain.filter((s, i) => i > 0 && s !== certain[i - 1]).length;
        let crossings = 0;
        let again: FenceState = 'unknown';
        for (const next of sides) {
          const step = nextFenceState(again, next);
          again = step.state;
          if (step.crossing) crossings++;
        }
        expect(crossings).toBe(changes);
      }),
    );
  });
});
