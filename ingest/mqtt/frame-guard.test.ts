import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { FrameGuard, type Oversize } from './frame-guard.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const item of open.splice(0)) item.close();
});

/** A guard on one end of a real socket; what passes it is collected. */
async function guarded(limit: number) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  open.push({ close: () => client.destroy() }, { close: () => socket.destroy() }, server);
  const oversize: Oversize[] = [];
  const guard = new FrameGuard(socket, limit, (event) => oversize.push(event));
  guard.trust();
  const passed: Buffer[] = [];
  guard.on('data', (chunk: Buffer) => passed.push(chunk));
  return { client, guard, oversize, passed: () => Buffer.concat(passed) };
}

const publish = (bytes: number) =>
  mqttPacket.generate({
    cmd: 'publish',
    topic: 't',
    payload: Buffer.alloc(bytes, 120),
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
const ping = mqttPacket.generate({ cmd: 'pingreq' });

describe('the guard before the broker', () => {
  it('passes any row of packets unchanged, however it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constant(ping), fc.nat({ max: 300 }).map(publish)), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
        async (packets, cuts) => {
          const { client, guard, passed, oversize } = await guarded(1000);
          const sent = Buffer.concat(packets);
          let at = 0;
          for (let i = 0; at < sent.length; i++) {
            const size = cuts[i % cuts.length] ?? 1;
            client.write(sent.subarray(at, at + size));
            at += size;
          }
          client.end();
          await once(guard, 'end');
          expect(passed().equals(sent)).toBe(true);
          expect(oversize).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('stops at the header of a packet beyond the limit and passes what came before it', async () => {
    const { client, guard, oversize, passed } = await guarded(1000);
    const good = publish(200);
    const ended = once(guard, 'end');
    client.write(Buffer.concat([good, publish(5000)]));
    await ended;
    expect(passed().equals(good)).toBe(true);
    expect(oversize).toMatchObject([{ packetType: 3, bytes: 5005, limit: 1000 }]);
  });

  it('keeps next to nothing of 20 MB that were announced', async () => {
    const { client, guard, oversize } = await guarded(262_144);
    client.on('error', () => undefined);
    const ended = once(guard, 'end');
    client.write(publish(20_000_000));
    await ended;
    expect(oversize).toHaveLength(1);
    expect(guard.readableLength).toBe(0);
  });

  it('refuses a remaining length that never ends', async () => {
    const { client, guard, oversize } = await guarded(1000);
    const ended = once(guard, 'end');
    client.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]));
    await ended;
    expect(oversize).toHaveLength(1);
  });

  it('gives a stranger no more than a CONNECT needs', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    open.push({ close: () => client.destroy() }, { close: () => socket.destroy() }, server);
    const oversize: Oversize[] = [];
    const guard = new FrameGuard(socket, 262_144, (event) => oversize.push(event));
    guard.resume();
    const ended = once(guard, 'end');
    client.write(publish(20_000));
    await ended;
    expect(oversize).toMatchObject([{ limit: 16_384 }]);
  });

  it('reads nothing while it is held', async () => {
    const { client, guard, passed } = await guarded(1000);
    guard.hold(true);
    const good = publish(100);
    await new Promise<void>((resolve) => client.write(good, () => resolve()));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(passed()).toHaveLength(0);
    const data = once(guard, 'data');
    guard.hold(false);
    await data;
    expect(passed().equals(good)).toBe(true);
  });

  it('hands over what was written before it closes', async () => {
    const { client, guard } = await guarded(1000);
    const received: Buffer[] = [];
    client.on('data', (chunk: Buffer) => received.push(chunk));
    const ended = once(client, 'end');
    for (let i = 0; i < 100; i++) guard.write(Buffer.alloc(1000, i));
    guard.destroy();
    await ended;
    expect(Buffer.concat(received)).toHaveLength(100_000);
  });
});
