import type { Clock } from '../../core/clock.ts';
import type { DeviceDirectory, DevicePresence, IntakeMessage, IntakeReceipt } from '../../core/ports.ts';
import type { Link } from './link.ts';
import { acknowledgements, negativeAck, type Publish, reasonOf } from './packets.ts';
import type { FrontRefusal } from './refusals.ts';
import { publishLeaf } from './topics.ts';

/** QoS 2 messages a device may leave unreleased. */
const MAX_UNRELEASED = 1000;

/** Notes what was turned away; the device is the connection's. */
export type Refuse = (link: Link, refusal: Omit<FrontRefusal, 'deviceId'>) => void;

export interface PublishingOptions {
  devices: DeviceDirectory;
  presence: DevicePresence | undefined;
  clock: Clock;
  stats: { droppedQos0Total: number };
  accept(message: IntakeMessage, settle: (receipt: IntakeReceipt) => void): void;
  isFull(): boolean;
  /** While stopping, what is not accepted is not answered either. */
  isStopping(): boolean;
  refused: Refuse;
}

export function forbiddenTopic(
  topic: string,
  what: string,
  payloadBytes: number,
): Omit<FrontRefusal, 'deviceId'> {
  return {
    code: 'topic.forbidden',
    reason: `${what} on a topic that is not this device's`,
    topic,
    payloadBytes,
  };
}

/** What becomes of a PUBLISH of somebody who was let in: a reading, a state, or a refusal. */
export function createPublishing(
  options: PublishingOptions,
): (link: Link, packet: Publish, bytes: Buffer) => void {
  const { devices, presence, clock, stats, accept, isFull, isStopping, refused } = options;

  const takeReading = (link: Link, { qos, dup, messageId, payload }: Publish) => {
    // While stopping, what is not accepted is not answered either: the device sends it again to the next process.
    if (isStopping()) return;
    if (qos === 0 && isFull()) {
      stats.droppedQos0Total++;
      return;
    }
    if (qos === 2) {
      link.unreleased ??= new Set();
      if (link.unreleased.has(messageId)) {
        link.answerInTurn(acknowledgements([{ qos, messageId }]));
        return;
      }
      if (link.unreleased.size >= MAX_UNRELEASED) {
        link.cutOff('quotaExceeded');
        return;
      }
      link.unreleased.add(messageId);
    }
    const message: IntakeMessage = {
      source: 'mqtt',
      deviceId: link.deviceId ?? '',
      topic: link.upTopic,
      payload,
      receivedAtMs: clock.now(),
      redelivered: dup,
    };
    if (qos === 0) {
      accept(message, () => undefined);
      return;
    }
    link.taken();
    // The PUBACK leaves when this is called, which is after the commit.
    accept(message, (receipt) =>
      link.acknowledge(qos, messageId, refusalAnswer(link, qos, messageId, receipt)),
    );
  };

  const takeState = (link: Link, packet: Publish, topic: string) => {
    const { payload, qos, messageId } = packet;
    const state = payload.length <= 16 ? payload.toString('latin1') : '';
    if (state !== 'online' && state !== 'offline') {
      refused(link, {
        code: 'payload.schema',
        reason: 'a state is online or offline',
        topic,
        payloadBytes: payload.length,
      });
    } else if (!link.superseded && !isStopping()) {
      presence?.changed(link.deviceId ?? '', state, clock.now());
    }
    if (qos === 0) return;
    link.answerInTurn(acknowledgements([{ qos, messageId }]));
  };

  return (link, packet, bytes) => {
    const device = link.deviceId === undefined ? undefined : devices.byId(link.deviceId);
    if (!device) {
      link.close('administrative');
      return;
    }
    if (isUp(link, bytes, packet)) {
      takeReading(link, packet);
      return;
    }
    const topic = bytes.toString('utf8', packet.topicStart, packet.topicEnd);
    const leaf = publishLeaf(topic, device);
    if (leaf === 'state') takeState(link, packet, topic);
    else if (leaf === 'up') takeReading(link, packet);
    else {
      refused(link, forbiddenTopic(topic, 'published', packet.payload.length));
      // MQTT 3.1.1 has no other answer; MQTT 5 can be told about the one message.
      const { qos, messageId } = packet;
      if (link.version !== 5 || qos === 0) link.close('notAuthorised');
      else link.answerInTurn(negativeAck(qos, messageId, 'notAuthorised'));
    }
  };
}

/** MQTT 5 can be told that nothing of a message could be stored. It stands in quarantine and need not come again. */
function refusalAnswer(
  link: Link,
  qos: 1 | 2,
  messageId: number,
  receipt: IntakeReceipt,
): Buffer | undefined {
  if (link.version !== 5) return undefined;
  const [first] = receipt.quarantined;
  if (!first || receipt.stored > 0 || receipt.duplicates > 0) return undefined;
  if (qos === 2) link.unreleased?.delete(messageId);
  const why = link.wantsReasons ? `${first.code}: ${first.reason}`.slice(0, 200) : undefined;
  return negativeAck(qos, messageId, reasonOf(first.code), why);
}

/** The topic of nearly every message, compared without making a text of it. */
function isUp(link: Link, bytes: Buffer, { topicStart, topicEnd }: Publish): boolean {
  const up = link.upBytes;
  return (
    up !== undefined && topicEnd - topicStart === up.length && up.compare(bytes, topicStart, topicEnd) === 0
  );
}
