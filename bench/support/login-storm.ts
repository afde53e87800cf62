/** Child process: keeps a number of wrong sign-ins in flight until it is told to stop, then tells what came back. */
import { Agent, request } from 'node:http';

const [url = '', parallel = '1000'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(parallel) });
const counts: Record<string, number> = {};
let running = true;
let serial = 0;

/** Each from an address and under a name of its own, so that no limit per network or name spares the hashing. */
const guess = () =>
  new Promise<void>((resolve) => {
    const n = serial++;
    const body = JSON.stringify({ username: n % 2 === 0 ? 'admin' : `nobody-${n}`, password: `wrong-${n}` });
    const asked = request(
      `${url}/api/v1/auth/login`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
        },
      },
      (answer) => {
        counts[answer.statusCode ?? 0] = (counts[answer.statusCode ?? 0] ?? 0) + 1;
        answer.resume();
        answer.on('end', resolve);
      },
    );
    asked.on('error', () => {
      counts.failed = (counts.failed ?? 0) + 1;
      setTimeout(resolve, 50);
    });
    asked.end(body);
  });

process.on('message', () => {
  running = false;
});
const one = async () => {
  while (running) await guess();
};
process.send?.('started');
await Promise.all(Array.from({ length: Number(parallel) }, one));
process.send?.(counts, () => process.exit(0));
