import { connect, type MqttClient } from 'mqtt';
import type { z } from 'zod';
import type { DeviceCredential } from '../../../core/api/devices.ts';
import type { Logger } from '../../../core/ports.ts';

/** The radio of one simulated device: a real MQTT client with the device's own credential. */
export interface Modem {
  /** Resolves at the first connection; rejects when the device front refuses it. */
  connected(): Promise<void>;
  /** False = nothing was sent: no connection, or too much still unacknowledged. */
  send(body: unknown): boolean;
  /** Resolves when the message is acknowledged, that is committed; rejects when it cannot be sent. */
  deliver(body: unknown): Promise<void>;
  /** Drops off the network without a word, as modems do; `restore` dials again. */
  dropOut(): void;
  restore(): void;
  /** Says goodbye and closes. */
  close(): Promise<void>;
}

export interface ModemOptions {
  host: string;
  port: number;
  deviceId: string;
  credential: z.output<typeof DeviceCredential>;
  logger: Logger;
}

/** A device that hears no acknowledgement for so many messages sends no more until it does. */
const MAX_UNACKNOWLEDGED = 4;
const RECONNECT_MS = 5000;
const CLOSE_MS = 1000;

export function createModem({ host, port, deviceId, credential, logger }: ModemOptions): Modem {
  const stateTopic = credential.topic.replace(/\/up$/, '/state');
  const client: MqttClient = connect({
    host,
    port,
    protocolVersion: 4,
    clientId: deviceId,
    username: credential.username,
    password: credential.password,
    keepalive: 60,
    reconnectPeriod: RECONNECT_MS,
    // What is not delivered now is old by the time the line is back.
    queueQoSZero: false,
    resubscribe: false,
    will: { topic: stateTopic, payload: Buffer.from('offline'), qos: 1, retain: true },
  });
  let waiting = 0;
  let out = false;
  let lastError = '';
  client.on('connect', () => client.publish(stateTopic, 'online', { qos: 1, retain: true }));
  client.on('error', (error) => {
    if (error.message === lastError) return;
    lastError = error.message;
    logger.warn({ deviceId, err: error.message }, 'a simulated device has no connection');
  });

  const publish = (body: unknown, done: (error?: Error | null) => void) => {
    waiting++;
    client.publish(credential.topic, JSON.stringify(body), { qos: 1 }, (error) => {
      waiting--;
      done(error);
    });
  };

  return {
    connected: () =>
      new Promise((resolve, reject) => {
        if (client.connected) return resolve();
        client.once('connect', () => resolve());
        client.once('error', reject);
      }),
    send(body) {
      if (out || !client.connected || waiting >= MAX_UNACKNOWLEDGED) return false;
      publish(body, () => {});
      return true;
    },
    deliver: (body) =>
      new Promise((resolve, reject) => {
        if (out || !client.connected) reject(new Error('no connection'));
        else publish(body, (error) => (error ? reject(error) : resolve()));
      }),
    dropOut() {
      out = true;
      // The socket goes without a DISCONNECT, so that the broker sends the will.
      client.options.reconnectPeriod = 0;
      client.stream.destroy();
    },
    restore() {
      if (!out) return;
      out = false;
      client.options.reconnectPeriod = RECONNECT_MS;
      client.reconnect();
    },
    async close() {
      if (client.connected) {
        const said = new Promise<void>((resolve) => {
          client.publish(stateTopic, 'offline', { qos: 1, retain: true }, () => resolve());
        });
        await Promise.race([said, new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
      }
      await client.endAsync(true);
    },
  };
}
