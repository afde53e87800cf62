import type { Socket } from 'node:net';
import type { AuthErrorCode, AuthenticateError, Client, PublishPacket } from 'aedes';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type {
  Bus,
  DeviceDirectory,
  DevicePresence,
  Health,
  IntakeMessage,
  Logger,
} from '../../core/ports.ts';
import { createFoldedLog } from '../folded-log.ts';
import { createLight } from '../health-light.ts';
import type { MqttSettings } from '../settings.ts';
import { ConnectGate } from './connect-gate.ts';
import { DeviceBroker } from './device-broker.ts';
import { FrameGuard } from './frame-guard.ts';
import { createListeners } from './listeners.ts';
import type { FrontRefusal } from './refusals.ts';
import { Takeovers } from './takeovers.ts';
import { maySubscribe, publishLeaf } from './topics.ts';

export interface BrokerOptions {
  devices: DeviceDirectory;
  presence: DevicePresence | undefined;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  health: Health;
  settings: MqttSettings;
  /** Takes a message; `settle` is called after its commit. */
  accept(message: IntakeMessage, settle: () => void): void;
  /** True while too much waits: QoS 0 is dropped then. */
  isFull(): boolean;
  noteRefused(refusal: FrontRefusal): void;
}

export interface BrokerStats {
  connections: number;
  connectedTotal: number;
  authFailedTotal: number;
  takeoverTotal: number;
  refusedTotal: number;
  droppedQos0Total: number;
}

export interface Broker {
  start(): Promise<void>;
  /** No new connections, nothing read any more; what was read may still be acknowledged. */
  quiesce(): void;
  stop(): Promise<void>;
  /** Stops or resumes reading from all devices. */
  hold(held: boolean): void;
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
  stats(): BrokerStats;
}

/** One connection. */
interface Link {
  guard: FrameGuard;
  address: string;
  client: Client | undefined;
  /** From the credential, once it was right. */
  deviceId: string | undefined;
  credential: string | undefined;
  will: string | undefined;
  /** Another connection with the same credential took over. */
  superseded: boolean;
}

const BAD_CREDENTIAL = 5 as AuthErrorCode;
const UNAVAILABLE = 3 as AuthErrorCode;
const MINUTE_MS = 60_000;
const MAX_CREDENTIAL_LENGTH = 128;
/** Packets a device may send before its CONNECT is answered. */
const EARLY_PACKETS = 100;
/** When many devices have changed the directory reads them anew; by then it has. */
const REFRESHED_AFTER_MS = 2000;

export function createBroker(options: BrokerOptions): Broker {
  const { devices, presence, bus, clock, settings, health } = options;
  const logger = options.logger.child({ component: 'mqtt' });
  const warn = createFoldedLog(logger, clock);
  const gate = new ConnectGate(clock);
  const light = createLight({
    component: 'ingest.mqtt',
    ok: { vi: 'Cổng thiết bị hoạt động', en: 'The device front is working' },
    health,
    logger,
    clock,
    quietMs: MINUTE_MS,
  });
  const takeovers = new Takeovers(clock, light);
  const links = new Map<unknown, Link>();
  /** The living connection of each credential. */
  const current = new Map<string, Link>();
  const stats: BrokerStats = {
    connections: 0,
    connectedTotal: 0,
    authFailedTotal: 0,
    takeoverTotal: 0,
    refusedTotal: 0,
    droppedQos0Total: 0,
  };
  let closed: Promise<void> | undefined;
  let serial = 0;
  let quiet = false;

  const linkOf = (client: Client | null) => (client ? links.get(client.conn) : undefined);

  const refused = (link: Link | undefined, refusal: Omit<FrontRefusal, 'deviceId'>) => {
    stats.refusedTotal++;
    options.noteRefused({ ...refusal, deviceId: link?.deviceId ?? null });
    warn({ deviceId: link?.deviceId, address: link?.address, code: refusal.code }, refusal.reason);
  };

  const isSwitchedOff = (link: Link) => link.deviceId !== undefined && !devices.byId(link.deviceId)?.enabled;
  /** Ends connections; whoever may come back does so at once and loses nothing of QoS 1. */
  const disconnect = (which: (link: Link) => boolean) => {
    for (const link of [...current.values()]) if (which(link)) link.client?.close();
  };

  const forbidTopic = (link: Link, topic: string, what: string, bytes: number) => {
    refused(link, {
      code: 'topic.forbidden',
      reason: `${what} on a topic that is not this device's`,
      topic,
      payloadBytes: bytes,
    });
    return new AppError('topic.forbidden');
  };

  /** Wrong or right? The identity comes from here and from nowhere else. */
  const authenticate = async (link: Link, username: string | undefined, password: string | undefined) => {
    const known =
      username !== undefined && password !== undefined && username.length <= MAX_CREDENTIAL_LENGTH
        ? await devices.authenticate(username, password)
        : undefined;
    const device = known === undefined ? undefined : devices.byId(known);
    // Who has gone meanwhile takes nothing over.
    if (username === undefined || !device?.enabled || link.guard.destroyed) return BAD_CREDENTIAL;
    link.deviceId = device.id;
    link.credential = username;
    if (link.will !== undefined && publishLeaf(link.will, device) === undefined) {
      forbidTopic(link, link.will, 'last will', 0);
      return BAD_CREDENTIAL;
    }
    return takeOver(link, username) ? undefined : UNAVAILABLE;
  };

  const takeOver = (link: Link, credential: string): boolean => {
    const other = current.get(credential);
    if (other) {
      if (!takeovers.allow(credential)) return false;
      stats.takeoverTotal++;
      other.superseded = true;
      warn({ deviceId: link.deviceId, from: other.address, to: link.address }, 'a connection was taken over');
    }
    current.set(credential, link);
    return true;
  };

  const broker = new DeviceBroker({
    connectTimeout: settings.connectTimeoutS * 1000,
    drainTimeout: settings.drainTimeoutS * 1000,
    maxTopicLevels: 8,
    maxClientsIdLength: MAX_CREDENTIAL_LENGTH,
    queueLimit: EARLY_PACKETS,
    // QoS 2 is taken as well, with a small window: the message is committed when its first half is answered.
    maxInflightInbound: 32,

    preConnect(client, packet, done) {
      const link = linkOf(client);
      if (!link || quiet) {
        done(null, false);
        return;
      }
      link.client = client;
      link.will = packet.will?.topic;
      // Nobody gets near another's session by its client id: until the password was right the name means nothing,
      // and afterwards the session belongs to the credential.
      packet.clientId = `unknown-${++serial}`;
      done(null, true);
    },

    authenticate(client, username, password, done) {
      const link = linkOf(client);
      if (!link) return;
      const refuse = (returnCode: AuthErrorCode) => {
        done(Object.assign(new Error('refused'), { returnCode }) as AuthenticateError, false);
      };
      authenticate(link, username, password?.toString()).then(
        (code) => {
          if (code === undefined && link.credential !== undefined) {
            client.id = link.credential;
            link.guard.trust();
            if (options.isFull()) link.guard.hold(true);
            done(null, true);
          } else if (code === UNAVAILABLE) {
            refuse(UNAVAILABLE);
          } else {
            stats.authFailedTotal++;
            warn({ address: link.address }, 'a credential was refused');
            gate.refuse(link.address, () => refuse(BAD_CREDENTIAL));
          }
        },
        (error: unknown) => {
          // The directory cannot answer: closed, and cheaply so.
          warn({ err: String(error) }, 'credentials cannot be checked');
          refuse(UNAVAILABLE);
        },
      );
    },

    authorizePublish(client, packet, done) {
      const link = linkOf(client);
      const device = link?.deviceId === undefined ? undefined : devices.byId(link.deviceId);
      if (!link || !device) {
        done(new AppError('device.unknown'));
        return;
      }
      const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
      const leaf = publishLeaf(packet.topic, device);
      if (leaf === undefined) done(forbidTopic(link, packet.topic, 'published', payload.length));
      else if (leaf === 'state') takeState(link, packet, payload, done);
      else takeReading(link, packet, payload, done);
    },

    authorizeSubscribe(client, subscription, done) {
      const link = linkOf(client);
      const device = link?.deviceId === undefined ? undefined : devices.byId(link.deviceId);
      if (link && device && maySubscribe(subscription.topic, device)) {
        done(null, subscription);
        return;
      }
      // Refused in the SUBACK; MQTT 3.1.1 keeps the connection.
      if (link) forbidTopic(link, subscription.topic, 'subscribed', 0);
      done(null, null);
    },

    authorizeForward(client, packet) {
      const link = linkOf(client);
      const device = link?.deviceId === undefined ? undefined : devices.byId(link.deviceId);
      return device && maySubscribe(packet.topic, device) ? packet : null;
    },
  });

  const takeReading = (link: Link, packet: PublishPacket, payload: Buffer, done: () => void) => {
    // While stopping, what is not accepted is not answered either: the device sends it again to the next process.
    if (quiet) return;
    if (packet.qos === 0 && options.isFull()) {
      stats.droppedQos0Total++;
      done();
      return;
    }
    const message: IntakeMessage = {
      source: 'mqtt',
      deviceId: link.deviceId ?? '',
      topic: packet.topic,
      payload,
      receivedAtMs: clock.now(),
      redelivered: packet.dup === true,
    };
    if (packet.qos === 0) {
      options.accept(message, () => undefined);
      done();
    } else {
      // The PUBACK leaves when this is called, which is after the commit.
      options.accept(message, () => done());
    }
  };

  const takeState = (link: Link, packet: PublishPacket, payload: Buffer, done: () => void) => {
    const state = payload.length <= 16 ? payload.toString('latin1') : '';
    if (state !== 'online' && state !== 'offline') {
      refused(link, {
        code: 'payload.schema',
        reason: 'a state is online or offline',
        topic: packet.topic,
        payloadBytes: payload.length,
      });
    } else if (!link.superseded && !quiet) {
      tell(link, state);
    }
    done();
  };

  const tell = (link: Link, state: 'online' | 'offline') => {
    if (link.deviceId !== undefined) presence?.changed(link.deviceId, state, clock.now());
  };

  broker.on('clientReady', (client) => {
    const link = linkOf(client);
    stats.connectedTotal++;
    if (link) tell(link, 'online');
  });
  broker.on('clientDisconnect', (client) => {
    const link = linkOf(client);
    if (link && !link.superseded && !quiet) tell(link, 'offline');
  });
  broker.on('clientError', (client, error) => {
    logger.debug({ deviceId: linkOf(client)?.deviceId, err: error.message }, 'connection ended');
  });
  broker.on('connectionError', (client, error) => {
    logger.debug({ address: linkOf(client)?.address, err: error.message }, 'connection refused');
  });

  const onSocket = (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const guard = new FrameGuard(socket, settings.maxPacketBytes, ({ bytes, limit }) => {
      refused(links.get(guard), {
        code: 'payload.too_large',
        reason: `a packet of ${bytes} bytes was announced, the limit is ${limit}`,
        topic: null,
        payloadBytes: bytes,
      });
    });
    const link: Link = {
      guard,
      address,
      client: undefined,
      deviceId: undefined,
      credential: undefined,
      will: undefined,
      superseded: false,
    };
    links.set(guard, link);
    stats.connections++;
    guard.once('close', () => {
      stats.connections--;
      if (link.credential !== undefined && current.get(link.credential) === link) {
        current.delete(link.credential);
      }
      // aedes may still ask about this connection while it puts its client away.
      setImmediate(() => links.delete(guard));
    });
    broker.handle(guard);
  };

  const listeners = createListeners({ settings, logger, warn, onSocket });

  return {
    async start() {
      await broker.listen();
      await listeners.open();
      bus.on('ingest.mqtt', 'registry.changed', ({ kind, id }) => {
        if (kind !== 'device') return;
        // A change of one device is in the directory already: perhaps its credential is another one now.
        if (id !== null) disconnect((link) => link.deviceId === id);
        else clock.after(REFRESHED_AFTER_MS, () => disconnect(isSwitchedOff));
      });
      const { port, tlsPort } = listeners;
      logger.info({ host: settings.host, port, tlsPort }, 'device front is open');
    },
    quiesce() {
      quiet = true;
      closed = listeners.close();
      for (const { guard } of links.values()) guard.hold(true);
    },
    async stop() {
      bus.off('ingest.mqtt');
      // Acknowledgements of the last batch are on their way through aedes.
      await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
      await new Promise<void>((resolve) => broker.close(resolve));
      for (const { guard } of links.values()) guard.destroy();
      await closed;
    },
    hold(held) {
      if (quiet) return;
      for (const link of current.values()) link.guard.hold(held);
    },
    get port() {
      return listeners.port;
    },
    get tlsPort() {
      return listeners.tlsPort;
    },
    stats: () => ({ ...stats }),
  };
}
