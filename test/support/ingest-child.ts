/**
 * The ingest in a process of its own, to be killed. Arguments as one JSON: `{url, port, devices, dieAt?, dieAfter?}`;
 * `devices` are names, or how many of them (`device-0` …).
 * `dieAt: 'commit'` ends the process inside a transaction, right before its commit; `dieAt: 'ack'` right after the
 * commit and before any PUBACK; each at the batch number `dieAfter`. SIGTERM stops it properly.
 */
import type { RuleEngine } from '../../core/ports.ts';
import { createMemoryBus } from '../../server/bus/index.ts';
import { openPool } from '../../server/db/index.ts';
import { deviceRecord, memoryDirectory, startTestIngest } from './ingest.ts';
import { testLogger } from './logger.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as {
  url: string;
  port: number;
  devices: string[] | number;
  dieAt?: 'commit' | 'ack';
  dieAfter?: number;
};

const { devices } = options;
const names = Array.isArray(devices) ? devices : Array.from({ length: devices }, (_, i) => `device-${i}`);
const logger = testLogger();
const database = await openPool({
  connection: { connectionString: options.url },
  max: 6,
  kind: 'postgres',
  logger,
});
let batches = 0;
const die = () => process.kill(process.pid, 'SIGKILL');
const rules: RuleEngine = {
  evaluate: (item) =>
    // Some stretches with something to say and some without: the writer has a way of its own for each.
    options.dieAt === 'commit' || (item.kind === 'value' && item.value % 1000 < 300)
      ? [
          {
            ruleId: 'r',
            ruleVersion: 1,
            subjectType: 'device',
            subjectId: item.deviceId,
            state: 1,
            signal: null,
          },
        ]
      : [],
  async persist() {
    if (options.dieAt === 'commit' && ++batches >= (options.dieAfter ?? 0)) die();
    return [];
  },
};
const bus = createMemoryBus(logger);
bus.on('child', 'latest.changed', () => {
  if (options.dieAt === 'ack' && ++batches >= (options.dieAfter ?? 0)) die();
});
const ingest = await startTestIngest({
  database,
  devices: memoryDirectory(names.map((id) => deviceRecord(id))),
  rules,
  bus,
  mqtt: { port: options.port },
});
process.once('SIGTERM', () => {
  void (async () => {
    await ingest.stop();
    await database.close();
    process.stdout.write(`${JSON.stringify(ingest.stats())}\n`);
    process.exit(0);
  })();
});
process.stdout.write('ready\n');
