import type { Request, RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SystemStatus } from '../../core/api/centre.ts';
import type { Health } from '../../core/ports.ts';

/** One figure of another part, as it stands now. */
export interface Sample {
  /** In the form of Prometheus: `haidang_mqtt_connections`, counters end in `_total`. */
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  value: number;
  labels?: Readonly<Record<string, string>>;
}

export interface MetricsOptions {
  health: Health;
  ingest(): SystemStatus['ingest'];
  /** Figures that other parts keep: connections, queues, sessions. */
  samples?(): Iterable<Sample>;
}

export interface Metrics {
  /** Times every request from here on; goes before everything that answers. */
  observe: RequestHandler;
  /** Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
  close(): void;
}

const STATES = { ok: 0, degraded: 1, down: 2 } as const;
const HTTP_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Figures for Prometheus in a registry of their own. Totals come from their owners, so nothing is counted twice. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { health, ingest, samples } = options;
  const register = new Registry();
  collectDefaultMetrics({ register });
  const requests = new Histogram({
    name: 'haidang_http_request_duration_seconds',
    help: 'From the first byte of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: HTTP_BUCKETS_S,
    registers: [register],
  });

  const known = new Map<string, Counter | Gauge>();
  const write = ({ name, help, type, value, labels = {} }: Sample) => {
    let metric = known.get(name);
    if (!metric) {
      const configuration = { name, help, labelNames: Object.keys(labels), registers: [register] };
      metric = type === 'counter' ? new Counter(configuration) : new Gauge(configuration);
      known.set(name, metric);
    }
    metric.inc(labels, value);
  };

  return {
    observe(req, res, next) {
      const stop = requests.startTimer({ method: req.method });
      res.once('close', () => {
        // 499: the client was gone before the answer was.
        const status = res.writableFinished ? res.statusCode : 499;
        stop({ route: routeOf(req), status: String(status) });
      });
      next();
    },
    async text() {
      // What no longer exists must not stand there for ever with its last value.
      for (const metric of known.values()) metric.reset();
      for (const sample of ownSamples(ingest(), health)) write(sample);
      for (const sample of samples?.() ?? []) write(sample);
      return register.metrics();
    },
    contentType: register.contentType,
    close: () => register.clear(),
  };
}

/** The template, never the address: addresses hold ids, and every one would be a series of its own. */
function routeOf(req: Request): string {
  const path: unknown = req.route?.path;
  if (typeof path === 'string') return path;
  return path === undefined ? 'none' : 'files';
}

function* ownSamples(ingest: SystemStatus['ingest'], health: Health): Generator<Sample> {
  const total = (name: string, help: string, value: number): Sample => ({
    name: `haidang_ingest_${name}_total`,
    help,
    type: 'counter',
    value,
  });
  yield total('received', 'Messages that arrived', ingest.receivedTotal);
  yield total('stored', 'Readings stored', ingest.storedTotal);
  yield total('duplicates', 'Readings that were there already', ingest.duplicateTotal);
  yield total('quarantined', 'Messages and readings put into quarantine', ingest.quarantinedTotal);
  yield {
    name: 'haidang_ingest_rate_per_second',
    help: 'Messages per second over the last minute',
    type: 'gauge',
    value: ingest.ratePerS,
  };
  for (const [quantile, ms] of [
    ['0.5', ingest.delayP50Ms],
    ['0.99', ingest.delayP99Ms],
  ] as const)
    if (ms !== null)
      yield {
        name: 'haidang_ingest_delay_seconds',
        help: 'From arrival to commit over the last minute',
        type: 'gauge',
        value: ms / 1000,
        labels: { quantile },
      };
  for (const { component, state } of health.items())
    yield {
      name: 'haidang_health_state',
      help: '0 = ok, 1 = degraded, 2 = down',
      type: 'gauge',
      value: STATES[state],
      labels: { component },
    };
}
