import mqttPacket, { type Packet } from 'mqtt-packet';

/** Types of control packets (MQTT 3.1.1, table 2.1; MQTT 5, table 2-1). */
export const TYPE = {
  connect: 1,
  publish: 3,
  pubrel: 6,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const;

export type Version = 3 | 4 | 5;

/** Why a connection or a message is refused: the code of MQTT 5 (table 2-6), and of CONNACK in MQTT 3.1.1 (table 3.1). */
const REASON = {
  success: { v5: 0x00, v3: 0 },
  malformed: { v5: 0x81, v3: 2 },
  protocolError: { v5: 0x82, v3: 2 },
  unsupportedVersion: { v5: 0x84, v3: 1 },
  badCredential: { v5: 0x86, v3: 5 },
  notAuthorised: { v5: 0x87, v3: 5 },
  unavailable: { v5: 0x88, v3: 3 },
  busy: { v5: 0x89, v3: 3 },
  shuttingDown: { v5: 0x8b, v3: 3 },
  badAuthMethod: { v5: 0x8c, v3: 5 },
  keepAliveTimeout: { v5: 0x8d, v3: 3 },
  takenOver: { v5: 0x8e, v3: 3 },
  topicAlias: { v5: 0x94, v3: 3 },
  tooLarge: { v5: 0x95, v3: 3 },
  quotaExceeded: { v5: 0x97, v3: 3 },
  administrative: { v5: 0x98, v3: 3 },
  payloadInvalid: { v5: 0x99, v3: 3 },
} as const;
export type Reason = keyof typeof REASON;

export interface Publish {
  qos: 0 | 1 | 2;
  dup: boolean;
  /** Where the topic stands in the bytes. */
  topicStart: number;
  topicEnd: number;
  messageId: number;
  payload: Buffer;
}

/**
 * The body of a PUBLISH, read in place. A `Reason` when it breaks the protocol. MQTT 5's properties say nothing that
 * changes what a reading is, so they are checked and left out; a topic alias was never offered.
 */
export function readPublish(
  version: Version,
  first: number,
  bytes: Buffer,
  start: number,
  end: number,
): Publish | Reason {
  const qos = (first >> 1) & 3;
  if (qos === 3 || start + 2 > end) return 'malformed';
  const topicStart = start + 2;
  const topicEnd = topicStart + bytes.readUInt16BE(start);
  let at = topicEnd;
  let messageId = 0;
  if (qos > 0) {
    if (at + 2 > end) return 'malformed';
    messageId = bytes.readUInt16BE(at);
    if (messageId === 0) return 'protocolError';
    at += 2;
  }
  if (at > end) return 'malformed';
  if (version === 5) {
    const properties = skipProperties(bytes, at, end);
    if (typeof properties === 'string') return properties;
    at = properties;
  }
  return {
    qos: qos as 0 | 1 | 2,
    dup: (first & 8) !== 0,
    topicStart,
    topicEnd,
    messageId,
    payload: bytes.subarray(at, end),
  };
}

/** Length of a property's value by its identifier (MQTT 5, table 2-4), for those a client's PUBLISH may have. */
const FIXED: Readonly<Record<number, number>> = { 1: 1, 2: 4 };
const ONE_TEXT = new Set([0x03, 0x08, 0x09]);
const USER_PROPERTY = 0x26;
const TOPIC_ALIAS = 0x23;

/** Where the payload begins. */
function skipProperties(bytes: Buffer, start: number, end: number): number | Reason {
  let at = start;
  let length = 0;
  for (let shift = 0; ; shift++) {
    if (at >= end || shift > 3) return 'malformed';
    const byte = bytes[at++] ?? 0;
    length += (byte & 0x7f) * 128 ** shift;
    if ((byte & 0x80) === 0) break;
  }
  const last = at + length;
  if (last > end) return 'malformed';
  const text = () => {
    at += at + 2 <= last ? 2 + bytes.readUInt16BE(at) : last + 1;
  };
  while (at < last) {
    const id = bytes[at++] ?? 0;
    if (id === TOPIC_ALIAS) return 'topicAlias';
    if (FIXED[id] !== undefined) at += FIXED[id];
    else if (ONE_TEXT.has(id)) text();
    else if (id === USER_PROPERTY) {
      text();
      if (at <= last) text();
    } else return 'protocolError';
  }
  return at === last ? at : 'malformed';
}

/** A packet that is no PUBLISH, by the library's parser; undefined when it is none. */
export function readPacket(
  version: Version,
  first: number,
  bytes: Buffer,
  start: number,
  end: number,
): Packet | Reason {
  const parser = mqttPacket.parser({ protocolVersion: version });
  let result: Packet | Reason = 'malformed';
  parser.on('packet', (packet: Packet) => {
    result = packet;
  });
  parser.on('error', (error: Error) => {
    result = /protocol version/i.test(error.message) ? 'unsupportedVersion' : 'malformed';
  });
  parser.parse(Buffer.concat([header(first, end - start), bytes.subarray(start, end)]));
  return result;
}

function header(first: number, length: number): Buffer {
  const out = [first];
  let left = length;
  do {
    out.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.from(out);
}

export const PINGRESP = Buffer.from([0xd0, 0]);

const ACK = { 1: 0x40, 2: 0x50 } as const;
const PUBCOMP = 0x70;

/** PUBACK or PUBREC of many messages at once, as it is written to the socket. */
export function acknowledgements(acks: readonly { qos: 1 | 2; messageId: number }[]): Buffer {
  const out = Buffer.allocUnsafe(acks.length * 4);
  let at = 0;
  for (const { qos, messageId } of acks) {
    out[at++] = ACK[qos];
    out[at++] = 2;
    out[at++] = messageId >> 8;
    out[at++] = messageId & 0xff;
  }
  return out;
}

export function pubcomp(messageId: number): Buffer {
  return Buffer.from([PUBCOMP, 2, messageId >> 8, messageId & 0xff]);
}

/** MQTT 5 only: an answer that says that the message was taken and refused, and why. */
export function negativeAck(qos: 1 | 2, messageId: number, reason: Reason, reasonString?: string): Buffer {
  return mqttPacket.generate(
    {
      cmd: qos === 1 ? 'puback' : 'pubrec',
      messageId,
      reasonCode: REASON[reason].v5,
      ...(reasonString === undefined ? {} : { properties: { reasonString } }),
    },
    { protocolVersion: 5 },
  );
}

/** What this front does not do is said in the CONNACK, so that an MQTT 5 client need not find out. */
export interface Offer {
  maximumPacketSize: number;
  assignedClientIdentifier?: string;
  serverKeepAlive?: number;
}

export function connack(version: Version, reason: Reason, offer?: Offer): Buffer {
  if (version !== 5) return Buffer.from([0x20, 2, 0, REASON[reason].v3]);
  const limits = { wildcardSubscriptionAvailable: false, sharedSubscriptionAvailable: false };
  return mqttPacket.generate(
    {
      cmd: 'connack',
      sessionPresent: false,
      reasonCode: REASON[reason].v5,
      ...(offer === undefined
        ? {}
        : {
            properties: {
              ...limits,
              subscriptionIdentifiersAvailable: false,
              sessionExpiryInterval: 0,
              ...offer,
            },
          }),
    },
    { protocolVersion: 5 },
  );
}

/** A server says goodbye in MQTT 5 only. */
export function disconnect(reason: Reason): Buffer {
  return Buffer.from([0xe0, 1, REASON[reason].v5]);
}

export function suback(version: Version, messageId: number, granted: readonly (0 | 1 | 'refused')[]): Buffer {
  const refused = version === 5 ? REASON.notAuthorised.v5 : 0x80;
  return mqttPacket.generate(
    { cmd: 'suback', messageId, granted: granted.map((grant) => (grant === 'refused' ? refused : grant)) },
    { protocolVersion: version },
  );
}

export function unsuback(version: Version, messageId: number, count: number): Buffer {
  return mqttPacket.generate(
    { cmd: 'unsuback', messageId, granted: new Array<number>(count).fill(0) },
    { protocolVersion: version },
  );
}

/** What an MQTT 5 device is told about a message of which nothing could be stored. */
export function reasonOf(code: string): Reason {
  if (code === 'topic.forbidden' || code === 'device.disabled' || code === 'device.unknown') {
    return 'notAuthorised';
  }
  if (code === 'device.too_many_quantities') return 'quotaExceeded';
  return 'payloadInvalid';
}
