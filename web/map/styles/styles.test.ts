import { describe, expect, it } from 'vitest';
import { ALERT_STATES } from '../../../core/api/alerts.ts';
import { SEVERITIES } from '../../../core/api/common.ts';
import { DEVICE_STATES } from '../../../core/api/devices.ts';
import { UNIT_STATUSES } from '../../../core/api/dispatch.ts';
import { alertOrder, alertSizePx, standsAlone, worse } from './alerts.ts';
import { cameraSign, isDown, lastFrameText, wedgeRangeM } from './cameras.ts';
import { clusterLook } from './clusters.ts';
import { dotKind } from './devices.ts';
import { canalWidthPx, communeLook, roadLook, widthAt } from './ground.ts';
import { archipelagoLines, nameLook, spaced } from './names.ts';
import { alpha, PALETTES } from './palette.ts';
import { plateLook, plateQuantity, plateSides, plateText } from './plates.ts';
import { PULSES_MS, pulseAt } from './pulse.ts';
import { ringLook } from './rings.ts';
import { scaleOf } from './scale.ts';
import { isCompact, shownHeading, unitFreshness, unitLook } from './units.ts';

const NOW = Date.parse('2026-11-22T08:14:32+07:00');
const both = Object.values(PALETTES);

describe('alarms', () => {
  it('are painted worst last, and what asks for a person over what has been seen', () => {
    const orders = SEVERITIES.flatMap((severity) =>
      (['unacknowledged', 'returned_unacknowledged', 'acknowledged'] as const).map((state) =>
        alertOrder({ severity, state }),
      ),
    );
    expect(orders).toEqual([...orders].sort((a, b) => b - a));
    expect(new Set(orders).size).toBe(orders.length);
  });

  it('stand alone only when critical and not acknowledged', () => {
    const alone = SEVERITIES.flatMap((severity) =>
      ALERT_STATES.filter((state) => standsAlone({ severity, state })).map((state) => `${severity} ${state}`),
    );
    expect(alone).toEqual(['critical unacknowledged']);
  });

  it('are larger the worse they are', () => {
    const sizes = SEVERITIES.map((severity) => alertSizePx({ severity, state: 'unacknowledged' }));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it('know the worse of two, nothing being the least', () => {
    expect(worse('minor', 'critical')).toBe('critical');
    expect(worse(null, 'info')).toBe('info');
    expect(worse('info', null)).toBe('info');
  });

  it('pulse three times and then stand still', () => {
    expect(pulseAt(0)?.opacity).toBeCloseTo(0.85);
    const peaks = [0, 1, 2].map((n) => pulseAt((n * PULSES_MS) / 3)?.radiusPx);
    expect(new Set(peaks).size).toBe(1);
    expect(pulseAt(PULSES_MS)).toBeNull();
  });
});

describe('clusters', () => {
  it('are grey when all is well', () => {
    expect(clusterLook({ count: 18, alarmed: 0, worst: null }).arc).toBeNull();
  });

  it('show even one alarm among thousands, by colour and by shape', () => {
    const { arc } = clusterLook({ count: 9000, alarmed: 1, worst: 'major' });
    expect(arc?.share).toBeGreaterThanOrEqual(1 / 16);
    expect(arc?.shapes.length).toBeGreaterThan(0);
    expect(clusterLook({ count: 4, alarmed: 4, worst: 'minor' }).arc?.share).toBe(1);
  });

  it('grow with their number, to a bound, and shorten it', () => {
    const radii = [4, 40, 400, 40_000].map(
      (count) => clusterLook({ count, alarmed: 0, worst: null }).radiusPx,
    );
    expect(radii).toEqual([...radii].sort((a, b) => a - b));
    expect(radii.at(-1)).toBeLessThanOrEqual(24);
    expect(clusterLook({ count: 12_345, alarmed: 0, worst: null }).label).toBe('12k');
  });
});

describe('devices and their plates', () => {
  it('have a look for every state, and only one that is plain grey', () => {
    expect(DEVICE_STATES.filter((state) => dotKind(state) === 'normal')).toEqual(['online']);
  });

  it('say the quantity the alarm is about, else the one asked first, never their battery, never a number without a unit', () => {
    expect(plateQuantity(['battery', 'salinity', 'water_level'])).toBe('water_level');
    expect(plateQuantity(['battery', 'salinity', 'water_level'], 'salinity')).toBe('salinity');
    expect(plateQuantity(['battery', 'humidity'])).toBe('humidity');
    expect(plateQuantity(['own_thing'])).toBeUndefined();
    expect(plateQuantity(['battery', 'signal'])).toBeUndefined();
  });

  it('write values in the form of the language', () => {
    const value = (quantity: string, v: number) => ({ quantity, value: v, timeMs: NOW - 1000 });
    expect(plateText(value('pm25', 168.4), NOW, 60_000, 'vi')).toBe('PM2,5 168');
    expect(plateText(value('pm25', 168.4), NOW, 60_000, 'en')).toBe('PM2.5 168');
    expect(plateText(value('water_level', 2.31), NOW, 60_000, 'vi')).toBe('2,31 m');
    expect(plateText(value('salinity', 4), NOW, 60_000, 'vi')).toBe('4,0 ‰');
  });

  it('say the age of a value that is old', () => {
    const value = { quantity: 'salinity', value: 4.1, timeMs: NOW - 7_200_000 };
    expect(plateText(value, NOW, 180_000, 'vi')).toBe('4,1 ‰ · 2\u00a0g');
  });

  it('have a coloured edge only in alarm', () => {
    for (const palette of both) {
      expect(plateLook('x', null, { stale: false, valid: true }, palette).border).toBe(palette.line);
      expect(plateLook('x', 'critical', { stale: false, valid: true }, palette).border).toBe(
        palette.critical,
      );
    }
  });

  it('stand clear of their sign on every side', () => {
    for (const [dx, dy] of plateSides(50, 6)) {
      expect(Math.abs(dx) - 25 >= 6 || Math.abs(dy) - 8.5 >= 6).toBe(true);
    }
  });
});

describe('cameras', () => {
  it('are struck through in red only when they should give a picture and do not', () => {
    const red = (state: 'online' | 'offline' | 'auth_failed' | 'degraded', enabled = true) =>
      cameraSign({ state, enabled }).some(({ stroke }) => stroke === 'critical');
    expect([red('online'), red('degraded'), red('offline'), red('auth_failed')]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(red('offline', false)).toBe(false);
    expect(isDown({ state: 'offline', enabled: false })).toBe(false);
  });

  it('say when the last picture was', () => {
    const moment = { nowMs: NOW, timeZone: 'Asia/Ho_Chi_Minh', language: 'vi' } as const;
    expect(lastFrameText(null, moment)).toBe('chưa có hình');
    expect(lastFrameText('2026-11-22T07:12:40+07:00', moment)).toBe('hình cuối 07:12:40');
    expect(lastFrameText('2026-11-21T07:12:40+07:00', moment)).toBe('hình cuối 07:12:40 21/11');
  });

  it('have wedges of their true range, but never too small to see', () => {
    expect(wedgeRangeM(300, 1)).toBe(300);
    expect(wedgeRangeM(100, 50)).toBe(1500);
    expect(wedgeRangeM(null, 1)).toBeGreaterThan(0);
  });
});

describe('units', () => {
  const unit = { callSign: 'M7', status: 'available', speedKmh: 40, headingDeg: 94 } as const;

  it('turn where they drive, in steps, and stand upright when they stand', () => {
    expect(shownHeading(unit)).toBe(90);
    expect(shownHeading({ speedKmh: 40, headingDeg: 359 })).toBe(0);
    expect(shownHeading({ speedKmh: 1, headingDeg: 94 })).toBeNull();
    expect(shownHeading({ speedKmh: null, headingDeg: 94 })).toBeNull();
  });

  it('fade with the age of their fix, and forget their heading when it is lost', () => {
    expect([10_000, 180_000, 3_600_000].map((ageMs) => unitFreshness(NOW - ageMs, NOW))).toEqual([
      'fresh',
      'late',
      'silent',
    ]);
    expect(unitLook(unit, 'silent', false)).toMatchObject({ headingDeg: null });
    expect(unitLook(unit, 'silent', false).opacity).toBeLessThan(unitLook(unit, 'late', false).opacity);
  });

  it('carry a short call sign inside, a long one outside, none in a crowd', () => {
    expect(unitLook(unit, 'fresh', false).callSign).toBe('M7');
    expect(unitLook({ ...unit, callSign: 'PCCC-114' }, 'fresh', false).callSign).toBeNull();
    expect(unitLook(unit, 'fresh', true).callSign).toBeNull();
    expect(isCompact(12, 9)).toBe(false);
    expect(isCompact(500, 9)).toBe(true);
    expect(isCompact(500, 13)).toBe(false);
  });

  it('have a look for every status', () => {
    for (const status of UNIT_STATUSES)
      expect(unitLook({ ...unit, status }, 'fresh', false).shapes.length).toBeGreaterThan(0);
  });
});

describe('the ground', () => {
  it('draws greater roads wider and earlier', () => {
    for (const palette of both) {
      expect(roadLook('national', false, 8, palette)).not.toBeNull();
      expect(roadLook('provincial', false, 8, palette)).toBeNull();
      expect(roadLook('street', false, 11, palette)).toBeNull();
      const widths = (['national', 'provincial', 'local'] as const).map(
        (c) => roadLook(c, false, 13, palette)?.widthPx ?? 0,
      );
      expect(widths).toEqual([...widths].sort((a, b) => b - a));
    }
  });

  it('lifts bridges over everything', () => {
    const order = (bridge: boolean) => roadLook('local', bridge, 14, PALETTES.dark)?.order ?? 0;
    expect(order(true)).toBeGreaterThan(roadLook('national', false, 14, PALETTES.dark)?.order ?? 99);
  });

  it('grows widths steadily between two zooms and not beyond', () => {
    expect(widthAt(5, [8, 1], [12, 4])).toBe(1);
    expect(widthAt(10, [8, 1], [12, 4])).toBeCloseTo(2);
    expect(widthAt(20, [8, 1], [12, 4])).toBeCloseTo(4);
  });

  it('keeps communes for the zooms at which a province fills the screen, dashed', () => {
    expect(communeLook(7, PALETTES.dark)).toBeNull();
    expect(communeLook(10, PALETTES.dark)?.dash).toHaveLength(2);
  });

  it('draws canals before ditches, and never as areas', () => {
    expect(canalWidthPx('canal', 40, 10)).toBeGreaterThan(0);
    expect(canalWidthPx('ditch', 8, 10)).toBeNull();
    expect(canalWidthPx('ditch', 8, 12)).toBeGreaterThan(0);
    expect(canalWidthPx('river', 300, 12)).toBeNull();
  });
});

describe('names', () => {
  it('lean on water, stand on land', () => {
    expect(nameLook('bay', 'Vịnh Mây', 2, 11, PALETTES.dark)?.font).toMatch(/^italic/);
    expect(nameLook('commune', 'Xã Phú An', 3, 11, PALETTES.dark)?.font).not.toMatch(/^italic/);
  });

  it('space the sea wide without losing a mark', () => {
    expect(spaced('BIỂN ĐÔNG').replace(/[\u2003\u2009]/g, '')).toBe('BIỂNĐÔNG'.normalize('NFC'));
  });

  it('never part an archipelago from its country', () => {
    expect(archipelagoLines('Quần đảo Hoàng Sa (Việt Nam)')).toBe('Quần đảo Hoàng Sa\n(Việt Nam)');
  });

  it('name the chief town whatever stands in it', () => {
    expect(nameLook('ward', 'Phường Trung Tâm', 1, 10, PALETTES.dark)?.always).toBe(true);
    expect(nameLook('ward', 'Phường Bến Cầu', 2, 11, PALETTES.dark)?.always).toBeUndefined();
  });
});

it('rings what is selected with the lamp, and what is under the pointer without it', () => {
  expect(ringLook('alert', 'selected', 'critical')).toMatchObject({ colour: 'lamp', inner: 'critical' });
  expect(ringLook('unit', 'hovered', null).colour).not.toBe('lamp');
});

it('draws a scale of a round length that fits', () => {
  for (const metresPerPx of [0.3, 2.4, 19, 152, 4891]) {
    const { metres, widthPx } = scaleOf(metresPerPx);
    expect(widthPx).toBeLessThanOrEqual(110);
    expect(widthPx).toBeGreaterThan(40);
    expect(['1', '2', '5']).toContain(String(metres).replace(/[0.]/g, ''));
  }
});

it('gives colours an opacity without changing them', () => {
  expect(alpha('#112233', 0.5)).toBe('#11223380');
  expect(alpha('#112233ff', 0)).toBe('#11223300');
});
