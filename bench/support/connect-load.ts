/**
 * Many devices in one process: `{port, devices}` as one JSON argument. For each line on standard input it drops all its
 * connections at once, connects all devices anew at once, publishes one message each (QoS 1) and prints
 * `{connectedS, servedS, acknowledged}`: until the last CONNACK and until the last PUBACK. The connections stay.
 */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import mqttPacket from 'mqtt-packet';

const { port, devices } = JSON.parse(process.argv[2] ?? '{}') as { port: number; devices: number };
const RETRY_MS = 200;
let sockets: Socket[] = [];
let storm = 0;

const connectPacket = (id: string) =>
  mqttPacket.generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: id,
    keepalive: 120,
    username: id,
    password: Buffer.from(`${id}-secret`),
  });

/** Comes back until it was let in and its message acknowledged; connections that are turned away are tried again. */
function serve(index: number, round: number, onConnected: () => void): Promise<void> {
  const id = `device-${index}`;
  const message = mqttPacket.generate({
    cmd: 'publish',
    topic: `ioc/v1/main/${id}/up`,
    payload: JSON.stringify({ ts: Date.now() - 60_000 + round * 1000, values: { pm25: round } }),
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  return new Promise((resolve) => {
    let letIn = false;
    const attempt = () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const parser = mqttPacket.parser();
      let done = false;
      sockets[index] = socket;
      parser.on('packet', (packet) => {
        if (packet.cmd === 'connack' && packet.returnCode === 0) {
          if (!letIn) onConnected();
          letIn = true;
          socket.write(message);
        } else if (packet.cmd === 'puback') {
          done = true;
          resolve();
        }
      });
      socket.on('data', (chunk) => parser.parse(chunk));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (!done && storm === round) setTimeout(attempt, RETRY_MS);
      });
      socket.write(connectPacket(id));
    };
    attempt();
  });
}

for await (const _ of createInterface({ input: process.stdin })) {
  const round = ++storm;
  for (const socket of sockets) socket.destroy();
  sockets = [];
  const started = performance.now();
  let connected = 0;
  let connectedS = 0;
  await Promise.all(
    Array.from({ length: devices }, (_unused, index) =>
      serve(index, round, () => {
        if (++connected === devices) connectedS = (performance.now() - started) / 1000;
      }),
    ),
  );
  const servedS = (performance.now() - started) / 1000;
  process.stdout.write(`${JSON.stringify({ connectedS, servedS, acknowledged: devices })}\n`);
}
