import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../core/api/alerts.ts';
import { manualClock } from '../../core/clock.ts';
import type { AppError } from '../../core/errors.ts';
import type { EventMap } from '../../core/events.ts';
import { scopeOf } from '../../core/permissions.ts';
import type { Bus, Signal, Tx } from '../../core/ports.ts';
import { DATABASE_ADAPTERS } from '../../test/support/adapters.ts';
import { about, HERE, RULE, seedAlertWorld, signalAt, T0, THERE } from '../../test/support/alert-signals.ts';
import { testLogger } from '../../test/support/logger.ts';
import { callerWith, emptyAlerts } from '../../test/support/seed.ts';
import { testTrail } from '../../test/support/trail.ts';
import { createMemoryBus } from '../bus/index.ts';
import type { OpenDatabase } from '../db/index.ts';
import { type AlertSignal, applySignals, clearAlertsOfRule } from './apply.ts';
import { type AlertService, createAlertService } from './service.ts';

const operator = callerWith('operator');

describe.each(DATABASE_ADAPTERS)('alerts on the $name', (adapter) => {
  let database: OpenDatabase;
  let bus: Bus;
  let service: AlertService;
  const clock = manualClock(T0);

  beforeAll(async () => {
    if (!adapter.available) return;
    database = await adapter.open();
    await seedAlertWorld(database);
  });
  afterAll(async () => await database?.close());
  beforeEach(async (context) => {
    if (!adapter.available) return context.skip();
    await emptyAlerts(database);
    bus = createMemoryBus(testLogger());
    clock.set(T0);
    service = createAlertService({ database, bus, clock, audit: testTrail(database, clock) });
  });

  const apply = async (...signals: AlertSignal[]) => {
    const changes = await database.transaction((tx) => applySignals(tx, signals));
    service.announce(changes);
    return changes;
  };
  const open = async (): Promise<Alert[]> =>
    (await service.list(operator, { limit: 1000, state: 'open' })).items;
  const all = async (): Promise<Alert[]> => (await service.list(operator, { limit: 1000 })).items;
  const only = async (): Promise<Alert> => {
    const alerts = await all();
    expect(alerts).toHaveLength(1);
    return alerts[0] as Alert;
  };

  it('writes an alert with its place, area, subject, rule and reason', async () => {
    const announced: EventMap['alert.changed'][] = [];
    bus.on('test', 'alert.changed', (change) => announced.push(change));
    await apply(about('st-1', signalAt(0, 'raise')));
    const alert = await only();
    expect(alert).toMatchObject({
      ruleId: 'dust',
      ruleVersion: 1,
      kind: 'threshold',
      title: 'Bụi mịn cao',
      domain: 'environment',
      severity: 'major',
      state: 'unacknowledged',
      active: true,
      subject: { type: 'device', id: 'st-1', name: 'Trạm Cửa Biển' },
      position: HERE,
      areaId: 'commune-a',
      areaName: 'Xã A',
      raisedAt: new Date(T0).toISOString(),
      explanation: { vi: 'phút 0', en: 'minute 0' },
      evidence: { value: 163 },
      occurrences: 1,
      peak: 163,
      snapshot: null,
      dispatches: [],
    });
    expect(announced).toHaveLength(1);
    expect(announced[0]).toMatchObject({
      seq: alert.seq,
      alert: { id: alert.id },
      event: { kind: 'raised' },
    });
  });

  it('goes through its life with one line of history per step', async () => {
    await apply(about('st-1', signalAt(0, 'raise')));
    const { id } = await only();
    await apply(about('st-1', signalAt(5, 'update', { peak: 200, evidence: { value: 200 } })));
    clock.set(T0 + 6 * 60_000);
    await service.act(operator, id, 'acknowledged', { text: 'đã thấy' });
    await service.act(operator, id, 'commented', { text: 'đang gọi trạm' });
    await apply(about('st-1', signalAt(9, 'clear', { peak: 200 })));
    const detail = await service.detail(operator, id);
    expect(detail).toMatchObject({
      state: 'closed',
      active: false,
      peak: 200,
      evidence: { value: 200 },
      explanation: { vi: 'phút 5' },
      acknowledgedBy: 'operator',
      clearedAt: new Date(T0 + 9 * 60_000).toISOString(),
      closedAt: new Date(T0 + 9 * 60_000).toISOString(),
    });
    expect(detail.events.map((event) => [event.kind, event.fromState, event.toState, event.actor])).toEqual([
      ['raised', null, 'unacknowledged', 'system'],
      ['updated', 'unacknowledged', 'unacknowledged', 'system'],
      ['acknowledged', 'unacknowledged', 'acknowledged', 'operator'],
      ['commented', 'acknowledged', 'acknowledged', 'operator'],
      ['cleared', 'acknowledged', 'closed', 'system'],
    ]);
    expect(detail.seq).toBe(detail.events.at(-1)?.seq);
    expect(detail.events.at(-1)?.text).toBe('phút 9');
  });

  it('makes a new alert when the condition comes again, and keeps the old one open', async () => {
    await apply(
      about('st-1', signalAt(0, 'raise')),
      about('st-1', signalAt(3, 'clear')),
      about('st-1', signalAt(5, 'raise')),
    );
    const alerts = await open();
    expect(alerts.map((alert) => [alert.state, alert.active])).toEqual([
      ['unacknowledged', true],
      ['returned_unacknowledged', false],
    ]);
    const returned = alerts[1] as Alert;
    expect((await service.act(operator, returned.id, 'acknowledged', {})).state).toBe('closed');
  });

  it('writes the same batch twice without a second trace', async () => {
    await apply(about('st-1', signalAt(0, 'raise')));
    const batch = [
      about('st-1', signalAt(2, 'clear')),
      about('st-1', signalAt(4, 'raise')),
      about('st-1', signalAt(6, 'update')),
      about('st-2', signalAt(4, 'raise')),
      about('st-2', signalAt(5, 'clear')),
    ];
    await apply(...batch);
    const before = [await all(), await service.eventsSince(scopeOf(operator, 'alerts.read'), 0, 1000)];
    expect(await apply(...batch)).toEqual([]);
    expect([await all(), await service.eventsSince(scopeOf(operator, 'alerts.read'), 0, 1000)]).toEqual(
      before,
    );
  });

  it('ignores an end without a beginning', async () => {
    expect(await apply(about('st-1', signalAt(0, 'clear')), about('st-1', signalAt(1, 'update')))).toEqual(
      [],
    );
    expect(await all()).toEqual([]);
  });

  it('makes one alert of a thousand raises by forty at once', async () => {
    const raiseInTurn = async (first: number) => {
      for (let index = first; index < 1000; index += 40)
        await database.transaction((tx) =>
          applySignals(tx, [about('st-1', signalAt(0, 'raise', { timeMs: T0 + index }))]),
        );
    };
    await Promise.all(Array.from({ length: 40 }, (_, first) => raiseInTurn(first)));
    expect((await only()).occurrences).toBe(1000);
  });

  it('refuses a second open alert of one rule and subject even to whoever takes no lock', async () => {
    await apply(about('st-1', signalAt(0, 'raise')));
    const copy = database.query({
      text: `insert into alerts (rule_id, kind, title, domain, severity, state, subject_type, subject_id, subject_name, raised_at, explanation)
             select rule_id, kind, title, domain, severity, state, subject_type, subject_id, subject_name, now(), explanation from alerts`,
      values: [],
    });
    await expect(copy).rejects.toThrow(/alerts_one_open/);
  });

  it('stores a storm of ten thousand alerts in one batch', async () => {
    await apply(
      ...Array.from({ length: 10_000 }, (_, index) => about(`ghost-${index}`, signalAt(0, 'raise'))),
    );
    const [row] = await database.query<{ count: number }>({
      text: 'select count(*) as count from alerts',
      values: [],
    });
    expect(row?.count).toBe(10_000);
  });

  it('follows the state machine over any order of signals and acts', async () => {
    const step = fc.oneof(
      fc.constantFrom('raise', 'update', 'clear').map((kind) => ({ who: 'rule' as const, kind })),
      fc
        .constantFrom('acknowledged', 'resolved', 'commented')
        .map((kind) => ({ who: 'operator' as const, kind })),
    );
    let subject = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        const id = `ghost-${subject++}`;
        let active = false;
        let minute = 0;
        let current: { id: number; state: string } | null = null;
        for (const { who, kind } of steps) {
          minute += 1;
          if (who === 'rule') {
            await apply(about(id, signalAt(minute, kind as Signal['kind'])));
            const [latest] = (await service.list(operator, { limit: 1, subject: id })).items;
            if (kind === 'raise' && !active) active = true;
            if (kind === 'clear') active = false;
            if (latest) current = { id: latest.id, state: latest.state };
            // Once closed by hand the alert is watched no more, though the rule may still say it holds.
            if (latest?.state === 'closed') active = false;
            expect(latest?.active ?? false).toBe(active);
          } else if (current) {
            const before: { id: number; state: string } = current;
            try {
              const after = await service.act(operator, before.id, kind as 'commented', { text: 'x' });
              current = { id: after.id, state: after.state };
              if (after.state === 'closed') active = false;
            } catch (error) {
              expect((error as AppError).code).toBe('alert.illegal_transition');
              expect(['acknowledged', 'closed']).toContain(before.state);
            }
          }
        }
        const rows = await database.query<{ open: number }>({
          text: `select count(*) as open from alerts where subject_id = $1 and active and state <> 'closed'`,
          values: [id],
        });
        expect(rows[0]?.open).toBe(active ? 1 : 0);
      }),
      { numRuns: 25 },
    );
  });

  it('shows and lets operate only what the grant covers; the rest does not exist', async () => {
    await apply(
      about('st-1', signalAt(0, 'raise')),
      about('st-2', signalAt(1, 'raise', { areaId: 'commune-b', position: THERE })),
    );
    const [b, a] = await all();
    const inA = callerWith('operator', { areas: ['commune-a'] });
    const traffic = callerWith('operator', { domains: ['traffic'] });
    const viewer = callerWith('viewer');
    expect((await service.list(inA, { limit: 10 })).items.map((alert) => alert.id)).toEqual([a?.id]);
    expect((await service.list(traffic, { limit: 10 })).items).toEqual([]);
    for (const caller of [inA, traffic]) {
      await expect(service.detail(caller, b?.id ?? 0)).rejects.toMatchObject({
        code: 'request.not_found',
      });
      await expect(service.act(caller, b?.id ?? 0, 'acknowledged', {})).rejects.toMatchObject({
        code: 'request.not_found',
      });
    }
    await expect(service.act(viewer, b?.id ?? 0, 'acknowledged', {})).rejects.toMatchObject({
      code: 'auth.forbidden',
    });
    await expect(service.act(operator, 999_999_999, 'acknowledged', {})).rejects.toMatchObject({
      code: 'request.not_found',
    });
    expect(
      (await service.eventsSince(scopeOf(inA, 'alerts.read'), 0, 10)).map(({ alert }) => alert.id),
    ).toEqual([a?.id]);
    expect((await service.counts(inA)).major.unacknowledged).toBe(1);
    expect((await service.counts(operator)).major.unacknowledged).toBe(2);
    const bars = (await service.histogram(inA, 24)).buckets;
    expect(bars.reduce((sum, bar) => sum + bar.major, 0)).toBe(1);
  });

  it('filters by state, severity, domain, area with its subtree, box, subject and time', async () => {
    await apply(
      about('st-1', signalAt(0, 'raise')),
      about('st-2', signalAt(10, 'raise', { areaId: 'commune-b', position: THERE })),
      about('st-2', signalAt(20, 'raise', { areaId: 'commune-b', position: THERE }), {
        ...RULE,
        id: 'other',
        severity: 'critical' as 'major',
        domain: 'traffic',
      }),
    );
    const first = (await all()).at(-1) as Alert;
    await service.act(operator, first.id, 'resolved', { text: 'thử' });
    const ids = async (query: Parameters<AlertService['list']>[1]) =>
      (await service.list(operator, query)).items.map((alert) => `${alert.subject.id}/${alert.ruleId}`);
    const limit = 10;
    expect(await ids({ limit, state: 'open' })).toEqual(['st-2/other', 'st-2/dust']);
    expect(await ids({ limit, state: 'closed' })).toEqual(['st-1/dust']);
    expect(await ids({ limit, severity: 'critical,minor' })).toEqual(['st-2/other']);
    expect(await ids({ limit, domain: 'traffic' })).toEqual(['st-2/other']);
    expect(await ids({ limit, area: 'province' })).toHaveLength(3);
    expect(await ids({ limit, area: 'commune-a' })).toEqual(['st-1/dust']);
    expect(await ids({ limit, rule: 'dust' })).toHaveLength(2);
    expect(await ids({ limit, subject: 'st-1' })).toEqual(['st-1/dust']);
    expect(await ids({ limit, bbox: [105.5, 9.5, 105.7, 9.7] })).toHaveLength(2);
    expect(await ids({ limit, since: new Date(T0 + 10 * 60_000).toISOString() })).toHaveLength(2);
    await expect(ids({ limit, state: 'sleeping' })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('pages through everything exactly once while new alerts come in', async () => {
    await apply(
      ...Array.from({ length: 25 }, (_, index) => about(`ghost-${index}`, signalAt(index % 7, 'raise'))),
    );
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const answer = await service.list(operator, { limit: 4, cursor });
      seen.push(...answer.items.map((alert) => alert.id));
      cursor = answer.nextCursor ?? undefined;
      await apply(about(`later-${seen.length}`, signalAt(100 + seen.length, 'raise')));
    } while (cursor !== undefined);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });

  it('refuses an act when the alert has moved on, and to resolve without a word', async () => {
    await apply(about('st-1', signalAt(0, 'raise')));
    const { id } = await only();
    await expect(
      service.act(operator, id, 'acknowledged', { expectedState: 'returned_unacknowledged' }),
    ).rejects.toMatchObject({ code: 'request.conflict', data: { state: 'unacknowledged' } });
    await expect(service.act(operator, id, 'resolved', { text: '  ' })).rejects.toMatchObject({
      code: 'request.invalid',
    });
    await apply(about('st-1', signalAt(1, 'clear')));
    expect((await service.act(operator, id, 'resolved', {})).state).toBe('closed');
    await expect(service.act(operator, id, 'resolved', {})).rejects.toMatchObject({
      code: 'alert.illegal_transition',
    });
  });

  it('ends the standing alerts of a rule that changed', async () => {
    await apply(about('st-1', signalAt(0, 'raise')), about('st-2', signalAt(5, 'raise')));
    const reason = { vi: 'Quy tắc đã đổi', en: 'The rule changed' };
    const changes = await database.transaction((tx) => clearAlertsOfRule(tx, RULE, T0, reason));
    expect(changes).toHaveLength(2);
    for (const alert of await all()) {
      expect(alert.state).toBe('returned_unacknowledged');
      expect(Date.parse(alert.clearedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(alert.raisedAt));
    }
  });

  it('gives a reader every line once in order, however writers race', async () => {
    const scope = scopeOf(operator, 'alerts.read');
    const seen: number[] = [];
    let reading = true;
    const reader = (async () => {
      for (;;) {
        const last = !reading;
        const lines = await service.eventsSince(scope, seen.at(-1) ?? 0, 1000);
        seen.push(...lines.map((line) => line.seq));
        if (last) return;
      }
    })();
    // Few enough that the pool has a connection left for the reader.
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let index = 0; index < 15; index += 1) {
        await database.transaction(async (tx: Tx) => {
          await applySignals(tx, [about(`ghost-${writer}-${index}`, signalAt(0, 'raise'))]);
          // Gives the others the time to overtake, if they could.
          await tx.query({ text: 'select pg_sleep($1)', values: [((writer * 7 + index) % 4) / 200] });
        });
      }
    });
    await Promise.all(writers);
    reading = false;
    await reader;
    expect(seen).toHaveLength(60);
    expect([...seen].sort((x, y) => x - y)).toEqual(seen);
    expect(await service.lastSeq()).toBe(seen.at(-1));
  });

  it('forbids to change history', async () => {
    await apply(about('st-1', signalAt(0, 'raise')));
    await expect(database.query({ text: `update alert_events set actor = 'x'`, values: [] })).rejects.toThrow(
      /append-only/,
    );
    await expect(database.query({ text: 'delete from alert_events', values: [] })).rejects.toThrow(
      /append-only/,
    );
  });
});
