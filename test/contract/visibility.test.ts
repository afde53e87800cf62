import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startTestApp, type TestApp } from '../support/app.ts';
import { postgresBin } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import {
  createRandomCentre,
  hasPermission,
  mayBeSeen,
  type RandomUser,
  type Row,
  type RowKind,
} from './visibility-world.ts';

const SEED = 20_261_122;
const TOKEN = /q[dcual]\d{4}x/g;
const SENTINELS = ['qd9999x', 'qc9999x', 'qu9999x', 'qa9999x'];
/** Where the rows lie. */
const TILE = '8/206/120.mvt';

type Shown = Record<string, string[]>;

describe.skipIf(!postgresBin())(`what 200 random people see of 200 random rows (seed ${SEED})`, () => {
  let app: TestApp;
  let centre: Awaited<ReturnType<typeof createRandomCentre>>;
  const sockets: WebSocket[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    centre = await createRandomCentre(app, SEED, { users: 200, rows: 200 });
  }, 300_000);
  afterAll(async () => {
    for (const socket of sockets) socket.terminate();
    await app?.close();
  });

  const expected = (user: RandomUser, kind: RowKind, permission?: string) =>
    centre.rows
      .filter((row) => row.kind === kind && mayBeSeen(row, user, centre.parentOf, permission))
      .map(({ token }) => token)
      .sort();
  const tokensIn = (text: string) => [...new Set(text.match(TOKEN) ?? [])].sort();
  const get = async (user: RandomUser, path: string) => {
    const answer = await app.call('GET', path, { token: centre.tokens.get(user.name) ?? '' });
    if (answer.status === 403) return undefined;
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const listed = async (user: RandomUser, path: string) => {
    const tokens: string[] = [];
    for (let cursor = ''; ; ) {
      const body = await get(user, `${path}limit=50${cursor}`);
      if (body === undefined) return [];
      tokens.push(...tokensIn(JSON.stringify(body)));
      if (body.nextCursor === null) return tokens.sort();
      cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
  };
  const tile = async (user: RandomUser, layer: string) => {
    const body = await get(user, `/tiles/${layer}/${TILE}`);
    return body === undefined ? [] : tokensIn(Buffer.from(body).toString('latin1'));
  };
  const found = async (user: RandomUser, kind: string) =>
    tokensIn(JSON.stringify(await get(user, `/search?q=quan+sat&limit=50&kinds=${kind}`)));

  /** Everything one person is shown of one kind, by where it is shown. */
  const shownTo = async (user: RandomUser): Promise<Shown> => ({
    'device list': await listed(user, '/devices?'),
    'device tile': await tile(user, 'devices'),
    'device search': await found(user, 'device'),
    'camera list': await listed(user, '/cameras?'),
    'camera tile': await tile(user, 'cameras'),
    'camera search': await found(user, 'camera'),
    'unit list': await listed(user, '/units?'),
    'unit tile': await tile(user, 'units'),
    'unit search': await found(user, 'unit'),
    'alert list': await listed(user, '/alerts?'),
    'alert tile': await tile(user, 'alerts'),
    'alert search': await found(user, 'alert'),
    'audit list': await listed(user, '/audit?action=device.change&'),
  });

  it('holds the same set in lists, tiles and searches, equal to the grants said a second time', async () => {
    const wrong: unknown[] = [];
    let seen = 0;
    let refused = 0;
    await inTurns(centre.users, async (user) => {
      for (const [place, tokens] of Object.entries(await shownTo(user))) {
        const kind = place.split(' ')[0] as RowKind;
        const right = expected(user, kind);
        seen += right.length;
        refused += 41 - right.length;
        if (JSON.stringify(tokens) !== JSON.stringify(right))
          wrong.push(differenceOf(user, place, tokens, right));
      }
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    // Neither everything nor nothing: such a centre would prove little.
    expect(seen).toBeGreaterThan(5000);
    expect(refused).toBeGreaterThan(5000);
  }, 600_000);

  it('counts exactly what it lists', async () => {
    const wrong: unknown[] = [];
    await inTurns(centre.users, async (user) => {
      const counts = await get(user, '/alerts/counts');
      const open = Object.values(counts as Record<string, Record<string, number>>)
        .flatMap((states) => Object.values(states))
        .reduce((sum, count) => sum + count, 0);
      const alerts = expected(user, 'alert').length;
      if (open !== alerts) wrong.push([user.name, 'alerts', open, alerts]);
      if (!hasPermission(user, 'system.read')) return;
      const { devices, cameras } = (await get(user, '/system')) as Record<string, { total: number }>;
      const right = [expected(user, 'device').length, expected(user, 'camera').length];
      if (JSON.stringify([devices?.total, cameras?.total]) !== JSON.stringify(right))
        wrong.push([user.name, devices?.total, cameras?.total, right]);
    });
    expect(wrong).toEqual([]);
  }, 600_000);

  it('explains it to an administrator, row by row and grant by grant', async () => {
    const wrong: unknown[] = [];
    await inTurns(
      centre.users.filter((_, n) => n % 8 === 0),
      async (user) => {
        for (const kind of ['device', 'camera', 'unit', 'alert'] as const) {
          const { status, body } = await app.call('GET', `/users/${user.name}/sight?kind=${kind}`, {
            token: app.token,
          });
          if (status !== 200) throw new Error(JSON.stringify(body));
          const rows = body.rows as { name: string; visible: boolean; verdicts: { refusals: string[] }[] }[];
          const visible = rows.filter((row) => row.visible);
          const right = expected(user, kind);
          const tokens = tokensIn(JSON.stringify(visible.map(({ name }) => name)));
          if (rows.length !== 41 || JSON.stringify(tokens) !== JSON.stringify(right))
            wrong.push(differenceOf(user, `sight of ${kind}`, tokens, right));
          const unexplained = rows.filter(
            (row) => row.visible !== row.verdicts.some(({ refusals }) => refusals.length === 0),
          );
          if (unexplained.length > 0) wrong.push(unexplained);
        }
      },
    );
    expect(wrong.slice(0, 3)).toEqual([]);
  }, 600_000);

  it('exports exactly what it lists', async () => {
    const wrong: unknown[] = [];
    await inTurns(
      centre.users.filter((_, n) => n % 8 === 0),
      async (user) => {
        const { status, body } = await app.call('POST', '/audit/export', {
          token: centre.tokens.get(user.name) ?? '',
          body: { format: 'jsonl', action: ['device.change'] },
        });
        const tokens = status === 200 ? tokensIn(firstFileOf(Buffer.from(body))) : [`status ${status}`];
        const right = expected(user, 'audit');
        if (JSON.stringify(tokens) !== JSON.stringify(right))
          wrong.push(differenceOf(user, 'export', tokens, right));
      },
    );
    expect(wrong).toEqual([]);
  }, 600_000);

  it('pushes exactly what it lists: what was missed, and what happens now', async () => {
    const pushed = new Map<string, Record<string, Set<string>>>();
    await inTurns(centre.users, async (user) => {
      const sets = {
        missed: new Set<string>(),
        alerts: new Set<string>(),
        units: new Set<string>(),
        cameras: new Set<string>(),
        latest: new Set<string>(),
      };
      pushed.set(user.name, sets);
      await watch(user, (frame) => {
        if (frame.type !== 'event') return;
        const topic = frame.topic as keyof typeof sets;
        const place = topic === 'alerts' && frame.data?.event?.kind === 'raised' ? 'missed' : topic;
        for (const token of tokensIn(JSON.stringify(frame.data))) sets[place].add(token);
      });
    });
    for (const row of inOrder(centre.rows)) await happen(row);
    await until(
      'the last event of every kind reaches everybody',
      () =>
        [...pushed.values()].every((sets) => {
          const all = [
            ...(sets.latest ?? []),
            ...(sets.cameras ?? []),
            ...(sets.units ?? []),
            ...(sets.alerts ?? []),
          ];
          return SENTINELS.every((token) => all.includes(token));
        }),
      180_000,
    );
    const wrong: unknown[] = [];
    for (const user of centre.users) {
      const right: Shown = {
        missed: expected(user, 'alert'),
        alerts: expected(user, 'alert'),
        units: expected(user, 'unit'),
        cameras: expected(user, 'camera'),
        latest: expected(user, 'device', 'observations.read'),
      };
      for (const [topic, tokens] of Object.entries(pushed.get(user.name) ?? {})) {
        const got = [...tokens].sort();
        if (JSON.stringify(got) !== JSON.stringify(right[topic]))
          wrong.push(differenceOf(user, topic, got, right[topic] ?? []));
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
  }, 600_000);

  /** Opens the push of one person and resolves when it is subscribed to everything. */
  const watch = (user: RandomUser, take: (frame: Frame) => void) =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(`${app.url.replace(/^http/, 'ws')}/api/v1/live`, {
        headers: { authorization: `Bearer ${centre.tokens.get(user.name)}` },
      });
      sockets.push(socket);
      socket.on('error', reject);
      socket.on('message', (data) => {
        const frame = JSON.parse(String(data)) as Frame;
        if (frame.type === 'hello') {
          const topics = ['alerts', 'units', 'cameras', 'latest'];
          socket.send(JSON.stringify({ type: 'subscribe', topics, resumeFrom: 0 }));
        }
        // Everybody has missed the alert at the meeting place; what comes after it is heard, too.
        if (JSON.stringify(frame).includes('qa9999x')) resolve();
        take(frame);
      });
    });

  /** Something changes about a row, which the push tells of. */
  const happen = async ({ kind, token, alertId }: Row) => {
    const ask = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
      const answer = await app.call(method, path, headers ? { body, headers } : { token: app.token, body });
      if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    if (kind === 'alert') await ask('POST', `/alerts/${alertId}/comment`, { text: 'đã xem' });
    if (kind === 'unit')
      await ask('PATCH', `/units/${token}/status`, { status: 'out_of_service', reason: 'bảo dưỡng' });
    if (kind === 'camera') await ask('PATCH', `/cameras/${token}`, { name: `${token} mới` });
    if (kind === 'device') {
      const { username, password } = await ask('POST', `/devices/${token}/credential`);
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      await ask('POST', `/ingest/${token}`, { values: { pm25: 2 } }, { authorization });
    }
  };
});

interface Frame {
  type: string;
  topic?: string;
  data?: { event?: { kind?: string } };
}

/** The meeting place last. */
const inOrder = (rows: readonly Row[]) =>
  [...rows].sort((a, b) => (a.token.slice(2) < b.token.slice(2) ? -1 : 1));

const differenceOf = (user: RandomUser, place: string, got: string[], right: string[]) => ({
  user: JSON.stringify(user),
  place,
  tooMuch: got.filter((token) => !right.includes(token)),
  tooLittle: right.filter((token) => !got.includes(token)),
});

/** A few at a time, as a busy centre would. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}

/** The content of the first file of a ZIP. */
function firstFileOf(zip: Buffer): string {
  const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28);
  return inflateRawSync(zip.subarray(start)).toString('utf8');
}
