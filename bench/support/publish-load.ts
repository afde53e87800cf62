/**
 * Load generator in a process of its own: a `Load` as one JSON argument. Every device publishes its share, QoS 1,
 * `readings` readings in each message, and waits for the PUBACKs. Prints `connected`, starts when a line comes on
 * standard input, prints `{elapsedS, p50Ms, p99Ms}`.
 */
import { createPublisher } from '../../tools/replay/publisher.ts';
import type { Load } from './load.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as Load;
const STEP_MS = 20;
const share = Math.floor(options.messages / options.devices.length);
/** As live readings are: the last minutes. */
const START_MS = Date.now() - STEP_MS * (options.readings * share + 500);

const publishers = options.devices.map((id) => ({
  topic: `ioc/v1/main/${id}/up`,
  publisher: createPublisher({
    url: `mqtt://127.0.0.1:${options.port}`,
    username: id,
    password: `${id}-secret`,
    window: options.window,
  }),
}));

/** The n-th message of a device. */
function bodyOf(n: number): string {
  const readings: string[] = [];
  for (let r = n * options.readings; r < (n + 1) * options.readings; r++) {
    readings.push(`{"ts":${START_MS + r * STEP_MS},"values":{"pm25":${r % 150}.5}}`);
  }
  return options.readings === 1 ? (readings[0] ?? '') : `{"readings":[${readings.join(',')}]}`;
}

// The first message of each makes its series and warms the connection; it is no part of the figure.
const warmUp = JSON.stringify({ ts: START_MS - 1000, values: { pm25: 1 } });
await Promise.all(publishers.map(({ topic, publisher }) => publisher.publish(topic, warmUp)));
process.stdout.write('connected\n');
await new Promise((resolve) => process.stdin.once('data', resolve));

const started = performance.now();
const latencies: number[] = [];
await (options.perS === undefined ? asFastAsAcknowledged() : paced(options.perS));
await Promise.all(publishers.map(async ({ publisher }) => await publisher.end()));
const elapsedS = (performance.now() - started) / 1000;
latencies.sort((a, b) => a - b);
const quantile = (q: number) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? 0;
process.stdout.write(`${JSON.stringify({ elapsedS, p50Ms: quantile(0.5), p99Ms: quantile(0.99) })}\n`);
process.exit(0);

async function asFastAsAcknowledged(): Promise<void> {
  await Promise.all(
    publishers.map(async ({ topic, publisher }) => {
      for (let n = 0; n < share; n++) {
        await publisher.ready();
        void publisher.publish(topic, bodyOf(n));
      }
    }),
  );
}

/** Offered whether or not it is taken: what is not acknowledged in time waits here, and its wait counts. */
async function paced(perS: number): Promise<void> {
  for (let sent = 0; sent < share * publishers.length; ) {
    const now = performance.now();
    const due = Math.min(share * publishers.length, Math.floor(((now - started) / 1000) * perS));
    for (; sent < due; sent++) {
      const dueAt = started + (sent / perS) * 1000;
      const device = publishers[sent % publishers.length];
      void device?.publisher
        .publish(device.topic, bodyOf(Math.floor(sent / publishers.length)))
        .then(() => latencies.push(performance.now() - dueAt));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
