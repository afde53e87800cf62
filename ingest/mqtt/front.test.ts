import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import type { QuarantineRow } from '../writer/entry.ts';
import { ConnectGate } from './connect-gate.ts';
import { RefusalLog } from './refusals.ts';
import { Takeovers } from './takeovers.ts';
import { maySubscribe, parseTopic, publishLeaf } from './topics.ts';

describe('topics', () => {
  const device = { id: 'pump-7', site: 'main' };

  it('lets a device publish to its own up and state only', () => {
    expect(publishLeaf('ioc/v1/main/pump-7/up', device)).toBe('up');
    expect(publishLeaf('ioc/v1/main/pump-7/state', device)).toBe('state');
    for (const topic of [
      'ioc/v1/main/pump-7/down',
      'ioc/v1/main/pump-8/up',
      'ioc/v1/other/pump-7/up',
      'ioc/v2/main/pump-7/up',
      'ioc/v1/main/pump-7/up/x',
      '/ioc/v1/main/pump-7/up',
      'ioc/v1/main/pump-7/UP',
      '$SYS/x',
      '',
    ]) {
      expect(publishLeaf(topic, device), topic).toBeUndefined();
    }
  });

  it('lets a device listen to its own down only', () => {
    expect(maySubscribe('ioc/v1/main/pump-7/down', device)).toBe(true);
    for (const topic of [
      '#',
      '+/+/x',
      'ioc/v1/+/pump-7/down',
      'ioc/v1/main/+/down',
      'ioc/v1/main/pump-7/#',
      'ioc/v1/main/pump-8/down',
      'ioc/v1/main/pump-7/up',
      '$SYS/#',
      '$share/g/ioc/v1/main/pump-7/down',
    ]) {
      expect(maySubscribe(topic, device), topic).toBe(false);
    }
  });

  it('finds no device in anything that is not exactly a topic', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseTopic(text)).toBeUndefined();
        expect(publishLeaf(`ioc/v1/main/pump-7/up${text}`, device)).toBe(text === '' ? 'up' : undefined);
      }),
    );
  });
});

describe('the gate for wrong passwords', () => {
  it('answers the first ones at once and delays the others, for one address only', () => {
    const clock = manualClock(0);
    const gate = new ConnectGate(clock);
    let answers = 0;
    for (let i = 0; i < 50; i++) gate.refuse('10.0.0.1', () => answers++);
    expect(answers).toBe(20);
    gate.refuse('10.0.0.2', () => answers++);
    expect(answers).toBe(21);
    clock.advance(2000);
    expect(answers).toBe(51);
  });

  it('forgives with time', () => {
    const clock = manualClock(0);
    const gate = new ConnectGate(clock);
    for (let i = 0; i < 30; i++) gate.refuse('10.0.0.1', () => undefined);
    clock.advance(120_000);
    let answered = false;
    gate.refuse('10.0.0.1', () => {
      answered = true;
    });
    expect(answered).toBe(true);
  });
});

describe('a credential that is used twice', () => {
  const setUp = () => {
    const clock = manualClock(0);
    const shown: string[] = [];
    const light = {
      fault: (_: string, code: string) => shown.push(code),
      clear: () => undefined,
      code: undefined,
    };
    return { clock, shown, takeovers: new Takeovers(clock, light) };
  };

  it('changes hands at most once a second, whatever the two do', () => {
    const { clock, takeovers } = setUp();
    let allowed = 0;
    for (let ms = 0; ms < 10_000; ms += 50) {
      clock.set(ms);
      if (takeovers.allow('a')) allowed++;
    }
    expect(allowed).toBe(10);
  });

  it('is shown when it keeps wandering, and not for one reconnect', () => {
    const { clock, shown, takeovers } = setUp();
    takeovers.allow('a');
    clock.advance(120_000);
    takeovers.allow('a');
    expect(shown).toEqual([]);
    for (let i = 0; i < 3; i++) {
      clock.advance(2000);
      takeovers.allow('a');
    }
    expect(shown).toContain('request.conflict');
  });
});

describe('rows about what was turned away', () => {
  const refusal = { code: 'topic.forbidden', reason: 'published', topic: 'x', payloadBytes: 3 } as const;

  it('folds repeats of one device into one row a minute, with their number', () => {
    const clock = manualClock(0);
    const rows: QuarantineRow[] = [];
    const log = new RefusalLog(clock, (more) => rows.push(...more));
    for (let i = 0; i < 10_000; i++) log.note({ ...refusal, deviceId: 'a' });
    log.note({ ...refusal, deviceId: 'b' });
    expect(rows.map((row) => row.deviceId)).toEqual(['a', 'b']);
    clock.advance(60_000);
    expect(rows).toHaveLength(3);
    expect(rows[2]).toMatchObject({ deviceId: 'a', reason: expect.stringContaining('9999 more') });
    clock.advance(60_000);
    expect(rows).toHaveLength(3);
  });

  it('stays small when the flood comes under many names', () => {
    const clock = manualClock(0);
    const rows: QuarantineRow[] = [];
    const log = new RefusalLog(clock, (more) => rows.push(...more));
    for (let i = 0; i < 50_000; i++) log.note({ ...refusal, deviceId: `device-${i}` });
    clock.advance(60_000);
    expect(rows.length).toBeLessThan(1100);
  });

  it('writes its counts when it is flushed', () => {
    const rows: QuarantineRow[] = [];
    const log = new RefusalLog(manualClock(0), (more) => rows.push(...more));
    for (let i = 0; i < 3; i++) log.note({ ...refusal, deviceId: null });
    log.flush();
    expect(rows).toHaveLength(2);
  });
});
