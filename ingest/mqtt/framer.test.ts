import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { Framer, type Oversize } from './framer.ts';

/** A framer whose packets are put together again, byte for byte. */
function framed(limit: number, onPacket: (packet: Buffer, framer: Framer) => void = () => undefined) {
  const packets: { first: number; body: Buffer }[] = [];
  const oversize: Oversize[] = [];
  const framer: Framer = new Framer(
    limit,
    (first, bytes, start, end) => {
      const body = Buffer.from(bytes.subarray(start, end));
      packets.push({ first, body });
      onPacket(body, framer);
    },
    (event) => oversize.push(event),
  );
  framer.trust();
  return { framer, packets, oversize };
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
/** Without its fixed header. */
const bodyOf = (packet: Buffer) => {
  let at = 1;
  while (((packet[at] ?? 0) & 0x80) !== 0) at++;
  return packet.subarray(at + 1);
};
const pieces = (bytes: Buffer, cuts: readonly number[]) => {
  const out: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = cuts[i % cuts.length] ?? 1;
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
};
const packetRows = fc.array(fc.oneof(fc.constant(ping), fc.nat({ max: 3000 }).map(publish)), {
  minLength: 1,
  maxLength: 8,
});
const cutRows = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 12 });

describe('cutting bytes into packets', () => {
  it('finds every packet whole, however its bytes are cut into pieces', () => {
    fc.assert(
      fc.property(packetRows, cutRows, (sent, cuts) => {
        const { framer, packets, oversize } = framed(10_000);
        for (const piece of pieces(Buffer.concat(sent), cuts)) framer.feed(piece);
        expect(packets.map(({ first }) => first)).toEqual(sent.map((packet) => packet[0]));
        expect(packets.every(({ body }, i) => body.equals(bodyOf(sent[i] ?? ping)))).toBe(true);
        expect(oversize).toEqual([]);
        expect(framer.keptBytes).toBe(0);
      }),
    );
  });

  it('keeps the order across pauses, wherever they fall', () => {
    fc.assert(
      fc.property(packetRows, cutRows, fc.nat({ max: 8 }), (sent, cuts, pauseAt) => {
        let seen = 0;
        const { framer, packets } = framed(10_000, (_, it) => {
          if (seen++ === pauseAt) it.pause();
        });
        for (const piece of pieces(Buffer.concat(sent), cuts)) framer.feed(piece);
        expect(packets).toHaveLength(Math.min(sent.length, pauseAt + 1));
        framer.resume();
        expect(packets.map(({ body }) => body.length)).toEqual(sent.map((packet) => bodyOf(packet).length));
      }),
    );
  });

  it('stops at the header of a packet beyond the limit and hands on what came before it', () => {
    const { framer, packets, oversize } = framed(1000);
    framer.feed(Buffer.concat([publish(200), publish(5000), ping]));
    framer.feed(ping);
    expect(packets).toHaveLength(1);
    expect(oversize).toEqual([{ packetType: 3, bytes: 5005, limit: 1000 }]);
    expect(framer.keptBytes).toBe(0);
  });

  it('refuses 256 MB at the header, without room for a byte of it', () => {
    const { framer, oversize } = framed(262_144);
    framer.feed(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
    expect(oversize).toEqual([{ packetType: 3, bytes: 268_435_455, limit: 262_144 }]);
  });

  it('refuses a remaining length that never ends', () => {
    const { framer, oversize } = framed(1000);
    framer.feed(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]));
    expect(oversize).toHaveLength(1);
  });

  it('gives a stranger no more than a CONNECT needs', () => {
    const oversize: Oversize[] = [];
    const framer = new Framer(
      262_144,
      () => undefined,
      (event) => oversize.push(event),
    );
    framer.feed(publish(20_000));
    expect(oversize).toMatchObject([{ limit: 16_384 }]);
  });
});
