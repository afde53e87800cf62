import type { BrokerStats } from './mqtt/broker.ts';
import type { IngestStats } from './stats.ts';
import type { WriterStats } from './writer/writer.ts';

/** One figure as it stands now, in the form of Prometheus. */
export interface Sample {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  value: number;
  labels?: Readonly<Record<string, string>>;
}

const counter = (name: string, help: string, value: number): Sample => ({
  name,
  help,
  type: 'counter',
  value,
});
const gauge = (name: string, help: string, value: number, labels?: Sample['labels']): Sample =>
  labels === undefined ? { name, help, type: 'gauge', value } : { name, help, type: 'gauge', value, labels };

/** Beside the totals of the system status: what tells where the time goes and whether the books add up. */
export function* intakeSamples(figures: {
  stats: IngestStats;
  writer: WriterStats;
  stageMicros: ReadonlyMap<string, number>;
  waitingBytes: number;
  waitingMessages: number;
  balanced: boolean;
}): Iterable<Sample> {
  const { stats, writer } = figures;
  yield counter('haidang_ingest_refused_total', 'Values and fixes that were refused', stats.refusedTotal);
  yield gauge('haidang_ingest_waiting_bytes', 'Memory of what waits for its commit', figures.waitingBytes);
  yield gauge(
    'haidang_ingest_waiting_messages',
    'Messages that wait for their commit',
    figures.waitingMessages,
  );
  yield gauge(
    'haidang_ingest_reconciled',
    '1 = received equals stored, duplicate and refused; 0 = it does not',
    figures.balanced ? 1 : 0,
  );
  yield counter('haidang_ingest_batches_total', 'Transactions of the writer', writer.batchesTotal);
  yield counter('haidang_ingest_rows_total', 'Rows that the database took', writer.rowsTotal);
  yield counter(
    'haidang_ingest_batch_seconds_total',
    'Time from the making of a batch to its commit, added up',
    writer.secondsTotal,
  );
  for (const [stage, micros] of figures.stageMicros) {
    const help = 'Mean time of a stage of the pipeline for one message, of one message in 64';
    yield gauge('haidang_ingest_stage_seconds', help, micros / 1e6, { stage });
  }
}

export function* frontSamples(front: BrokerStats): Iterable<Sample> {
  yield gauge('haidang_mqtt_connections', 'Connections of devices', front.connections);
  yield counter('haidang_mqtt_connected_total', 'Sign-ins of devices', front.connectedTotal);
  yield counter('haidang_mqtt_auth_failed_total', 'Wrong credentials', front.authFailedTotal);
  yield counter('haidang_mqtt_takeover_total', 'Connections taken over', front.takeoverTotal);
  yield counter('haidang_mqtt_refused_total', 'Packets that were turned away', front.refusedTotal);
  yield counter(
    'haidang_mqtt_dropped_qos0_total',
    'QoS 0 dropped while too much waited',
    front.droppedQos0Total,
  );
}
