import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../server/db/index.ts';
import { callApi } from '../support/call.ts';
import { freePort } from '../support/free-port.ts';
import { createTestDatabase, type PostgresCluster, postgresBin, startCluster } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import { createFleet } from './fleet.ts';
import { Ledger } from './ledger.ts';
import { faultsOf, judge } from './oracle.ts';

const CENTRE = fileURLToPath(new URL('./centre.ts', import.meta.url));
const START_MS = Date.UTC(2026, 0, 5);
const TOTAL = 1200;
const LIMIT = 150;
/** The machine may be slow and busy; nothing here is about speed. */
const PATIENCE_MS = 240_000;

describe.skipIf(!postgresBin())('alerts', () => {
  let cluster: PostgresCluster;
  let database: OpenDatabase & { name: string };
  let child: ChildProcess | undefined;
  const dir = mkdtempSync(join(tmpdir(), 'haidang-alerts-'));

  beforeAll(async () => {
    cluster = startCluster();
    database = await createTestDatabase(cluster);
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await database?.close();
    cluster?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  it('are neither missed nor raised twice when the product is killed while they are raised', {
    timeout: PATIENCE_MS,
  }, async () => {
    const mqttPort = await freePort();
    const start = async () => {
      const argument = JSON.stringify({ url: cluster.url(database.name), dataDir: dir, mqttPort });
      child = spawn(process.execPath, [CENTRE, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
      return JSON.parse(String(line)) as { url: string; token: string };
    };
    const { url, token } = await start();
    const devices = await Promise.all(
      ['alarm-1', 'alarm-2', 'alarm-3'].map(async (id) => {
        const body = { id, name: id, type: 'air-quality', position: [105.4, 9.1] };
        const answer = await callApi(url, 'POST', '/devices', { token, body });
        expect(answer.status).toBe(201);
        return { id, ...(answer.body.credential as { username: string; password: string; topic: string }) };
      }),
    );
    const rule = { id: 'limit', kind: 'threshold', name: 'Limit', domain: 'environment', severity: 'minor' };
    const params = { quantity: 'pm25', above: LIMIT };
    await callApi(url, 'POST', '/rules', { token, body: { ...rule, params, appliesTo: {} } });
    const active = await callApi(url, 'POST', '/rules/limit/activate', { token, body: {} });
    expect(active.status).toBe(200);

    const ledger = new Ledger(join(dir, 'ledger'));
    const fleet = createFleet({
      port: mqttPort,
      devices,
      ledger,
      timeAt: (n) => START_MS + n * 1000,
      valueAt: (_, n) => (n % 20 < 8 ? LIMIT + 1 + (n % 20) : LIMIT - 50 + (n % 20)),
      window: 20,
    });
    try {
      const sending = fleet.run(TOTAL);
      await until('many are raised', () => fleet.acknowledged > TOTAL / 2, PATIENCE_MS);
      child?.kill('SIGKILL');
      await start();
      await sending;
      ledger.close();
      const verdict = await judge(database, ledger.read(), {
        quantity: 'pm25',
        alerts: { ruleId: 'limit', above: LIMIT },
      });
      expect(faultsOf(verdict)).toBeUndefined();
      expect(verdict.stored).toBe(3 * TOTAL);
    } finally {
      fleet.destroy();
    }
  });
});
