import { describe, expect, it } from 'vitest';
import { ALERT_STATES } from '../../core/api/alerts.ts';
import { SEVERITIES } from '../../core/api/common.ts';
import { UNIT_STATUSES } from '../../core/api/dispatch.ts';
import { alarmShapes, unitShapes } from './shapes.ts';

const open = ALERT_STATES.filter((state) => state !== 'closed');

describe('alarm signs', () => {
  it('differ by shape alone between severities, whatever the colour', () => {
    for (const state of open) {
      const outlines = SEVERITIES.map((severity) => alarmShapes(severity, state)[0]?.d);
      expect(new Set(outlines).size).toBe(SEVERITIES.length);
    }
  });

  it('differ by drawing alone between states of one severity', () => {
    for (const severity of SEVERITIES) {
      const drawings = [...open, 'shelved' as const].map((state) =>
        JSON.stringify(alarmShapes(severity, state).map(({ fill, dash, d }) => [Boolean(fill), dash, d])),
      );
      expect(new Set(drawings).size).toBe(4);
    }
  });

  it.each(['critical', 'major', 'info'] as const)('draw every corner of a dashed %s', (severity) => {
    const [shape] = alarmShapes(severity, 'returned_unacknowledged');
    const [on = 0, off = 0] = shape?.dash ?? [];
    const numbers = (shape?.d.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
    const points = Array.from(
      { length: numbers.length / 2 },
      (_, n) => [numbers[2 * n], numbers[2 * n + 1]] as [number, number],
    );
    let way = shape?.dashOffset ?? 0;
    points.forEach(([x, y], n) => {
      const [fromX, fromY] = points[n - 1] ?? [x, y];
      way += Math.hypot(x - fromX, y - fromY);
      const phase = way % (on + off);
      // The first point is the middle of a side, in a gap; all others are corners, well inside a dash.
      if (n === 0) expect(phase).toBeGreaterThan(on);
      else {
        expect(phase).toBeGreaterThan(on * 0.3);
        expect(phase).toBeLessThan(on * 0.7);
      }
    });
  });

  it('stay inside their 16-unit box', () => {
    for (const severity of SEVERITIES) {
      for (const shape of alarmShapes(severity, 'unacknowledged')) {
        for (const number of shape.d.match(/-?\d+(\.\d+)?/g) ?? [])
          expect(Math.abs(Number(number))).toBeLessThanOrEqual(8);
      }
    }
  });
});

it('gives every unit status a look of its own, apart from the two of a unit on its way', () => {
  const looks = UNIT_STATUSES.map((status) => JSON.stringify(unitShapes(status)));
  expect(new Set(looks).size).toBe(UNIT_STATUSES.length - 1);
  expect(unitShapes('assigned')).toEqual(unitShapes('en_route'));
});
