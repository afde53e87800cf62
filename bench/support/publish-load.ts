/**
 * Load generator in a process of its own: `{port, devices, messages, readings, window}` as one JSON argument. Every
 * device publishes its share, QoS 1, `readings` readings in each message, and waits for the PUBACKs. Prints
 * `connected`, starts when a line comes on standard input, prints `{elapsedS}`.
 */
import { createPublisher } from '../../tools/replay/publisher.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as {
  port: number;
  devices: string[];
  messages: number;
  readings: number;
  window: number;
};
const STEP_MS = 20;
/** As live readings are: the last minutes. */
const START_MS =
  Date.now() - STEP_MS * (options.readings * Math.ceil(options.messages / options.devices.length) + 500);

const publishers = options.devices.map((id) => ({
  id,
  publisher: createPublisher({
    url: `mqtt://127.0.0.1:${options.port}`,
    username: id,
    password: `${id}-secret`,
    window: options.window,
  }),
}));
// The first message of each makes its series and warms the connection; it is no part of the figure.
const warmUp = JSON.stringify({ ts: START_MS - 1000, values: { pm25: 1 } });
await Promise.all(publishers.map(({ id, publisher }) => publisher.publish(`ioc/v1/main/${id}/up`, warmUp)));
process.stdout.write('connected\n');
await new Promise((resolve) => process.stdin.once('data', resolve));

const share = Math.floor(options.messages / publishers.length);
const started = performance.now();
await Promise.all(
  publishers.map(async ({ id, publisher }) => {
    const topic = `ioc/v1/main/${id}/up`;
    let n = 0;
    for (let i = 0; i < share; i++) {
      await publisher.ready();
      const readings: string[] = [];
      for (let r = 0; r < options.readings; r++, n++) {
        readings.push(`{"ts":${START_MS + n * STEP_MS},"values":{"pm25":${n % 500}.5}}`);
      }
      const body = options.readings === 1 ? (readings[0] ?? '') : `{"readings":[${readings.join(',')}]}`;
      void publisher.publish(topic, body);
    }
    await publisher.end();
  }),
);
process.stdout.write(`${JSON.stringify({ elapsedS: (performance.now() - started) / 1000 })}\n`);
process.exit(0);
