import type { Socket } from 'node:net';
import type { IConnectPacket, Packet } from 'mqtt-packet';
import type { Clock } from '../../core/clock.ts';
import type {
  Bus,
  ClientCertificate,
  DeviceDirectory,
  DevicePresence,
  Health,
  IntakeMessage,
  IntakeReceipt,
  Logger,
} from '../../core/ports.ts';
import { createFoldedLog } from '../folded-log.ts';
import { createLight } from '../health-light.ts';
import type { MqttSettings } from '../settings.ts';
import { ConnectGate } from './connect-gate.ts';
import { Link } from './link.ts';
import { createListeners } from './listeners.ts';
import {
  connack,
  PINGRESP,
  pubcomp,
  type Reason,
  readPacket,
  readPublish,
  suback,
  TYPE,
  unsuback,
} from './packets.ts';
import { createPublishing, forbiddenTopic, type Refuse } from './publishing.ts';
import type { FrontRefusal } from './refusals.ts';
import { createSweeper, LINGER_MS } from './sweeper.ts';
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
  accept(message: IntakeMessage, settle: (receipt: IntakeReceipt) => void): void;
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
  /** Stops reading from one device for a while. */
  throttle(deviceId: string, forMs: number): void;
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
  readonly mtlsPort: number | undefined;
  stats(): BrokerStats;
}

const MINUTE_MS = 60_000;
const MAX_CREDENTIAL_LENGTH = 128;
/** MQTT 5: what a device without a keep-alive, or with a very long one, is told to use. */
const LONGEST_KEEP_ALIVE_S = 1200;
/** When many devices have changed the directory reads them anew; by then it has. */
const REFRESHED_AFTER_MS = 2000;

/**
 * The device front: MQTT 3.1, 3.1.1 and 5, one way only. Whatever a device may publish goes into the pipeline and is
 * acknowledged after its commit; nothing is passed on to anybody, retained or queued, so there is no session to keep.
 */
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
  const links = new Set<Link>();
  /** The living connection of each credential. */
  const current = new Map<string, Link>();
  const sweeper = createSweeper({ links, clock, settings });
  const stats: BrokerStats = {
    connections: 0,
    connectedTotal: 0,
    authFailedTotal: 0,
    takeoverTotal: 0,
    refusedTotal: 0,
    droppedQos0Total: 0,
  };
  let closed: Promise<void> | undefined;
  let quiet = false;

  const refused: Refuse = (link, refusal) => {
    stats.refusedTotal++;
    options.noteRefused({ ...refusal, deviceId: link.deviceId ?? null });
    warn({ deviceId: link.deviceId, address: link.address, code: refusal.code }, refusal.reason);
  };

  const tell = (link: Link, state: 'online' | 'offline') => {
    if (link.deviceId !== undefined) presence?.changed(link.deviceId, state, clock.now());
  };

  const deviceOf = (link: Link) => (link.deviceId === undefined ? undefined : devices.byId(link.deviceId));

  /** Ends connections; whoever may come back does so at once and loses nothing of QoS 1. */
  const disconnect = (which: (link: Link) => boolean) => {
    for (const link of [...current.values()]) if (which(link)) link.close('administrative');
  };
  const isSwitchedOff = (link: Link) => !deviceOf(link)?.enabled;

  /** Wrong or right? The identity comes from here and from nowhere else. */
  const authenticate = async (
    link: Link,
    username: string | undefined,
    password: string | undefined,
  ): Promise<Reason> => {
    const known = await identityOf(link, username, password);
    const device = known === undefined ? undefined : devices.byId(known);
    // Who has gone meanwhile takes nothing over.
    if (!device?.enabled || link.state === 'closing') return 'badCredential';
    const credential = username ?? device.id;
    link.deviceId = device.id;
    link.credential = credential;
    if (link.will && publishLeaf(link.will.topic, device) === undefined) {
      refused(link, forbiddenTopic(link.will.topic, 'last will', 0));
      return 'notAuthorised';
    }
    if (!takeOver(link, credential)) return 'busy';
    link.upTopic = `ioc/v1/${device.site}/${device.id}/up`;
    link.upBytes = Buffer.from(link.upTopic);
    return 'success';
  };

  /** The device behind a certificate, or a password, or both: then they must agree. */
  const identityOf = async (
    { certificate }: Link,
    username: string | undefined,
    password: string | undefined,
  ): Promise<string | undefined> => {
    const named =
      username !== undefined && password !== undefined && username.length <= MAX_CREDENTIAL_LENGTH
        ? await devices.authenticate(username, password)
        : undefined;
    if (!certificate) return named;
    const certified = devices.byCertificate?.(certificate);
    if (password !== undefined && named !== certified) return undefined;
    // Without a password the name proves nothing, so it may not say anything else either.
    return username === undefined || username === certified || named === certified ? certified : undefined;
  };

  const takeOver = (link: Link, credential: string): boolean => {
    const other = current.get(credential);
    if (other) {
      if (!takeovers.allow(credential)) return false;
      stats.takeoverTotal++;
      other.superseded = true;
      warn({ deviceId: link.deviceId, from: other.address, to: link.address }, 'a connection was taken over');
      other.close('takenOver');
    }
    current.set(credential, link);
    return true;
  };

  const refuse = (link: Link, reason: Reason) => {
    if (link.state === 'closing') return;
    link.send(connack(link.version, reason));
    link.close();
  };

  const onConnect = (link: Link, packet: IConnectPacket) => {
    link.version = packet.protocolVersion ?? 4;
    link.clientId = packet.clientId;
    link.will = packet.will;
    link.keepAliveMs = (packet.keepalive ?? 0) * 1000;
    link.wantsReasons = packet.properties?.requestProblemInformation !== false;
    if (quiet) return refuse(link, 'shuttingDown');
    if (packet.properties?.authenticationMethod !== undefined) return refuse(link, 'badAuthMethod');
    link.state = 'asked';
    link.pauseReading();
    authenticate(link, packet.username, packet.password?.toString()).then(
      (reason) => {
        if (link.state === 'closing') release(link);
        else if (quiet) refuse(link, 'shuttingDown');
        else if (reason === 'success') letIn(link, packet);
        else if (reason !== 'badCredential' && reason !== 'notAuthorised') refuse(link, reason);
        else {
          stats.authFailedTotal++;
          warn({ address: link.address }, 'a credential was refused');
          gate.refuse(link.address, () => refuse(link, reason));
        }
      },
      (error: unknown) => {
        // The directory cannot answer: closed, and cheaply so.
        warn({ err: String(error) }, 'credentials cannot be checked');
        refuse(link, 'unavailable');
      },
    );
  };

  const letIn = (link: Link, packet: IConnectPacket) => {
    const wishS = packet.keepalive ?? 0;
    const longKeepAlive = link.version === 5 && (wishS === 0 || wishS > LONGEST_KEEP_ALIVE_S);
    if (longKeepAlive) link.keepAliveMs = LONGEST_KEEP_ALIVE_S * 1000;
    link.send(
      connack(link.version, 'success', {
        maximumPacketSize: settings.maxPacketBytes,
        ...(longKeepAlive ? { serverKeepAlive: LONGEST_KEEP_ALIVE_S } : {}),
        ...(packet.clientId === '' ? { assignedClientIdentifier: link.credential ?? '' } : {}),
      }),
    );
    link.state = 'open';
    link.wasOpen = true;
    link.framer.trust();
    stats.connectedTotal++;
    tell(link, 'online');
    if (options.isFull()) link.hold(true);
    link.resumeReading();
  };

  const release = (link: Link) => {
    if (link.credential !== undefined && current.get(link.credential) === link)
      current.delete(link.credential);
  };

  const onPublish = createPublishing({
    devices,
    presence,
    clock,
    stats,
    accept: options.accept,
    isFull: options.isFull,
    isStopping: () => quiet,
    refused,
  });

  const onSubscribe = (link: Link, packet: Packet & { cmd: 'subscribe' }) => {
    const device = deviceOf(link);
    const granted = packet.subscriptions.map(({ topic, qos }) => {
      if (device && maySubscribe(topic, device)) return Math.min(qos, 1) as 0 | 1;
      refused(link, forbiddenTopic(topic, 'subscribed', 0));
      return 'refused';
    });
    link.send(suback(link.version, packet.messageId ?? 0, granted));
  };

  const onOther = (link: Link, packet: Packet) => {
    switch (packet.cmd) {
      case 'subscribe':
        onSubscribe(link, packet);
        return;
      case 'unsubscribe':
        link.send(unsuback(link.version, packet.messageId ?? 0, packet.unsubscriptions.length));
        return;
      case 'pubrel':
        link.unreleased?.delete(packet.messageId ?? 0);
        link.send(pubcomp(packet.messageId ?? 0));
        return;
      case 'disconnect':
        // MQTT 5: 0x04 asks for the will all the same.
        link.saidGoodbye = packet.reasonCode !== 4;
        link.close();
        return;
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        // About something another broker sent it.
        return;
      default:
        link.cutOff('protocolError');
    }
  };

  /** Packets come here one by one; the connection ends at the first that breaks the protocol. */
  const onPacket = (link: Link, first: number, bytes: Buffer, start: number, end: number) => {
    const type = first >> 4;
    if (link.state !== 'open') {
      const packet = type === TYPE.connect ? readPacket(4, first, bytes, start, end) : 'protocolError';
      if (typeof packet === 'string') {
        if (packet === 'unsupportedVersion') link.send(connack(4, 'unsupportedVersion'));
        logger.debug({ address: link.address, reason: packet }, 'connection refused');
        link.close();
      } else if (packet.cmd === 'connect') onConnect(link, packet);
      return;
    }
    if (type === TYPE.publish) {
      const packet = readPublish(link.version, first, bytes, start, end);
      if (typeof packet === 'string') link.cutOff(packet);
      else onPublish(link, packet, bytes);
      return;
    }
    if (type === TYPE.pingreq) {
      link.send(PINGRESP);
      return;
    }
    const packet = readPacket(link.version, first, bytes, start, end);
    if (typeof packet === 'string') link.cutOff(packet);
    else onOther(link, packet);
  };

  const onClosed = (link: Link) => {
    links.delete(link);
    stats.connections--;
    release(link);
    if (quiet || link.superseded || !link.wasOpen) return;
    sendWill(link);
    tell(link, 'offline');
  };

  /** A last will on `state` says what closing says anyway; one on `up` is a reading like any other. */
  const sendWill = (link: Link) => {
    const { will } = link;
    if (!will || link.saidGoodbye || will.topic !== link.upTopic) return;
    const payload = typeof will.payload === 'string' ? Buffer.from(will.payload) : will.payload;
    const message: IntakeMessage = {
      source: 'mqtt',
      deviceId: link.deviceId ?? '',
      topic: will.topic,
      payload,
      receivedAtMs: clock.now(),
    };
    options.accept(message, () => undefined);
  };

  const onSocket = (socket: Socket, certificate?: ClientCertificate) => {
    stats.connections++;
    const link = new Link(socket, settings.maxPacketBytes, {
      packet: onPacket,
      oversize(link, { bytes, limit }) {
        refused(link, {
          code: 'payload.too_large',
          reason: `a packet of ${bytes} bytes was announced, the limit is ${limit}`,
          topic: null,
          payloadBytes: bytes,
        });
        link.cutOff('tooLarge');
      },
      closed: onClosed,
      now: () => clock.monotonic(),
    });
    link.certificate = certificate;
    links.add(link);
  };

  const listeners = createListeners({ settings, logger, warn, onSocket });

  return {
    async start() {
      await listeners.open();
      sweeper.start();
      bus.on('ingest.mqtt', 'registry.changed', ({ kind, id }) => {
        if (kind !== 'device') return;
        // A change of one device is in the directory already: perhaps its credential is another one now.
        if (id !== null) disconnect((link) => link.deviceId === id);
        else clock.after(REFRESHED_AFTER_MS, () => disconnect(isSwitchedOff));
      });
      const { port, tlsPort, mtlsPort } = listeners;
      logger.info({ host: settings.host, port, tlsPort, mtlsPort }, 'device front is open');
    },
    quiesce() {
      quiet = true;
      closed = listeners.close();
      for (const link of links) link.hold(true);
    },
    async stop() {
      bus.off('ingest.mqtt');
      sweeper.stop();
      // Acknowledgements of the last batch leave at the end of this turn.
      await new Promise<void>((resolve) => setImmediate(resolve));
      for (const link of links) link.close('shuttingDown');
      const cancel = clock.after(LINGER_MS, () => {
        for (const link of links) link.socket.destroy();
      });
      await closed;
      cancel();
    },
    hold(held) {
      if (quiet) return;
      for (const link of current.values()) link.hold(held);
    },
    throttle(deviceId, forMs) {
      for (const link of current.values()) {
        if (link.deviceId === deviceId && !link.throttled) link.throttle(forMs, clock);
      }
    },
    get port() {
      return listeners.port;
    },
    get tlsPort() {
      return listeners.tlsPort;
    },
    get mtlsPort() {
      return listeners.mtlsPort;
    },
    stats: () => ({ ...stats }),
  };
}
