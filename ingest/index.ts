import type { DevicePresence, Intake } from '../core/ports.ts';
import { createIntakeCore, type IntakeOptions } from './intake.ts';
import { type BrokerStats, createBroker } from './mqtt/broker.ts';
import { RefusalLog } from './mqtt/refusals.ts';
import { frontSamples, type Sample } from './samples.ts';
import type { IngestSettings, MqttSettings } from './settings.ts';
import type { IngestStats } from './stats.ts';

export { IngestSettings, MqttSettings } from './settings.ts';
export type { IngestDatabase } from './writer/connection.ts';

export interface IngestOptions extends Omit<IntakeOptions, 'settings' | 'onFull' | 'onQuota'> {
  /** Told about devices that come and go; optional. */
  presence?: DevicePresence;
  settings: { mqtt: MqttSettings; ingest: IngestSettings };
  /** False = no device front: only `intake` works. For one-off commands. */
  front?: boolean;
}

export interface Ingest {
  /** Loads what must be known, then opens the device front. */
  start(): Promise<void>;
  /** Reads no more, stores and acknowledges what was read, closes; at most `stopTimeoutS` and a moment. */
  stop(): Promise<void>;
  readonly mqttPort: number | undefined;
  readonly tlsPort: number | undefined;
  readonly mtlsPort: number | undefined;
  /** For messages that do not come by MQTT: HTTP push, replays, files. */
  intake: Intake;
  stats(): IngestStats & { mqtt: BrokerStats };
  /** Compares what came in with what became of it, now; answers with what does not add up. */
  reconcile(): readonly string[];
  /** Figures for the metrics. */
  samples(): Iterable<Sample>;
}

/** The device front, the pipeline and the writer in one. It knows the others only by their ports. */
export function createIngest(options: IngestOptions): Ingest {
  const { clock, logger, settings } = options;
  const core = createIntakeCore({
    ...options,
    settings: settings.ingest,
    onFull: (full) => broker.hold(full),
    onQuota: (deviceId, waitMs) => broker.throttle(deviceId, waitMs),
  });
  const refusals = new RefusalLog(clock, (rows) => core.noteRefused(rows));
  const broker = createBroker({
    devices: options.devices,
    presence: options.presence,
    bus: options.bus,
    clock,
    logger,
    health: options.health,
    settings: settings.mqtt,
    accept: (message, settle) => core.accept(message, settle),
    isFull: () => core.full,
    noteRefused: (refusal) => refusals.note(refusal),
  });
  const front = options.front ?? true;
  return {
    async start() {
      await core.start();
      if (front) await broker.start();
    },
    async stop() {
      broker.quiesce();
      refusals.flush();
      core.stop();
      const deadline = new Promise<'late'>((resolve) =>
        clock.after(settings.ingest.stopTimeoutS * 1000, () => resolve('late')),
      );
      if ((await Promise.race([core.drained(), deadline])) === 'late') {
        logger.warn({}, 'stopped with messages that could not be stored; they were not acknowledged');
      }
      if (front) await broker.stop();
    },
    get mqttPort() {
      return broker.port;
    },
    get tlsPort() {
      return broker.tlsPort;
    },
    get mtlsPort() {
      return broker.mtlsPort;
    },
    intake: core.intake,
    stats: () => ({ ...core.stats(), mqtt: broker.stats() }),
    reconcile: core.reconcile,
    *samples() {
      yield* core.samples();
      yield* frontSamples(broker.stats());
    },
  };
}
