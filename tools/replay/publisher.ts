import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import mqttPacket from 'mqtt-packet';

export interface PublisherOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: string;
  username: string;
  password: string;
  /** Messages on their way at once. */
  window?: number;
  /** PEM of the authority that signed the server's certificate, where it is no public one. */
  ca?: string;
}

export interface Publisher {
  /**
   * Sends a QoS 1 message; resolves with its PUBACK. What is published beyond the window queues in memory: who sends
   * much waits for `ready()` first. Rejects only when the credential is refused or the publisher is destroyed.
   */
  publish(topic: string, payload: string | Buffer): Promise<void>;
  /** Resolves when another message fits into the window. */
  ready(): Promise<void>;
  /** Waits for every PUBACK, then disconnects. */
  end(): Promise<void>;
  /** Drops the connection and everything unacknowledged. */
  destroy(): void;
  readonly acked: number;
  readonly reconnects: number;
}

interface InFlight {
  topic: string;
  payload: string | Buffer;
  resolve(): void;
  reject(error: Error): void;
}

const KEEPALIVE_S = 30;
const RETRY_MS = 200;
/** No answer for so long with messages on their way: the connection is dead, whatever the system thinks. */
const SILENCE_MS = 60_000;
const BAD_CREDENTIAL = new Set([4, 5]);

/**
 * A QoS 1 publisher that never gives up and never reorders: messages go out in the order of `publish`, and after a
 * broken connection everything unacknowledged goes out again in that order, marked as a duplicate.
 */
export function createPublisher(options: PublisherOptions): Publisher {
  const window = options.window ?? 50;
  const inFlight = new Map<number, InFlight>();
  const queue: InFlight[] = [];
  const waiting: (() => void)[] = [];
  const idle: (() => void)[] = [];
  let lastId = 0;
  let acked = 0;
  let reconnects = 0;
  let socket: Socket | undefined;
  let online = false;
  let ended = false;
  let fatal: Error | undefined;
  let heardAt = performance.now();
  let retry: NodeJS.Timeout | undefined;

  const send = (packet: Parameters<typeof mqttPacket.generate>[0]) => {
    socket?.write(mqttPacket.generate(packet));
  };
  const sendPublish = (messageId: number, { topic, payload }: InFlight, dup: boolean) => {
    send({ cmd: 'publish', topic, payload, qos: 1, messageId, dup, retain: false });
  };
  const nextId = () => {
    do lastId = (lastId % 65_535) + 1;
    while (inFlight.has(lastId));
    return lastId;
  };

  const hasRoom = () => queue.length === 0 && inFlight.size < window;
  const isEmpty = () => queue.length === 0 && inFlight.size === 0;
  const wake = (list: (() => void)[]) => {
    for (const resolve of list.splice(0)) resolve();
  };

  const pump = () => {
    while (online && queue.length > 0 && inFlight.size < window) {
      const message = queue.shift();
      if (!message) break;
      const id = nextId();
      inFlight.set(id, message);
      sendPublish(id, message, false);
    }
    if (hasRoom()) wake(waiting);
    if (isEmpty()) wake(idle);
  };

  const fail = (error: Error) => {
    fatal = error;
    clearInterval(pings);
    socket?.destroy();
    for (const message of [...inFlight.values(), ...queue.splice(0)]) message.reject(error);
    inFlight.clear();
    wake(waiting);
    wake(idle);
  };

  const onConnack = (code: number) => {
    if (BAD_CREDENTIAL.has(code)) {
      fail(new Error(`the credential of ${options.username} was refused`));
      return;
    }
    if (code !== 0) {
      socket?.destroy();
      return;
    }
    online = true;
    for (const [id, message] of inFlight) sendPublish(id, message, true);
    pump();
  };

  const onPuback = (id: number) => {
    const message = inFlight.get(id);
    if (!message) return;
    inFlight.delete(id);
    acked++;
    message.resolve();
    pump();
  };

  const open = () => {
    const url = new URL(options.url);
    const secure = url.protocol === 'mqtts:';
    const to = { host: url.hostname, port: Number(url.port) || (secure ? 8883 : 1883) };
    const parser = mqttPacket.parser();
    socket = secure ? connectTls({ ...to, ca: options.ca }) : connectTcp({ ...to, noDelay: true });
    const mine = socket;
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack') onConnack(packet.returnCode ?? 0);
      else if (packet.cmd === 'puback') onPuback(packet.messageId ?? 0);
    });
    parser.on('error', () => mine.destroy());
    socket.on('data', (chunk) => {
      heardAt = performance.now();
      parser.parse(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      online = false;
      if (ended || fatal || mine !== socket) return;
      reconnects++;
      retry = setTimeout(open, RETRY_MS);
    });
    send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: options.username,
      keepalive: KEEPALIVE_S,
      username: options.username,
      password: Buffer.from(options.password),
    });
  };

  const pings = setInterval(
    () => {
      if (!online) return;
      if (inFlight.size > 0 && performance.now() - heardAt > SILENCE_MS) socket?.destroy();
      else send({ cmd: 'pingreq' });
    },
    (KEEPALIVE_S * 1000) / 2,
  );
  open();

  return {
    publish(topic, payload) {
      if (fatal) return Promise.reject(fatal);
      return new Promise<void>((resolve, reject) => {
        queue.push({ topic, payload, resolve, reject });
        pump();
      });
    },
    ready: () => (fatal || hasRoom() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    async end() {
      if (!fatal && !isEmpty()) await new Promise<void>((resolve) => idle.push(resolve));
      ended = true;
      clearInterval(pings);
      clearTimeout(retry);
      if (fatal) throw fatal;
      send({ cmd: 'disconnect' });
      socket?.end();
    },
    destroy() {
      ended = true;
      clearTimeout(retry);
      fail(new Error('the publisher was closed'));
    },
    get acked() {
      return acked;
    },
    get reconnects() {
      return reconnects;
    },
  };
}
