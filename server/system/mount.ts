import type { Express, Request } from 'express';
import { AppError } from '../../core/errors.ts';
import { secretMatcher } from '../http/index.ts';
import type { Metrics } from './metrics.ts';

export interface MonitoringOptions {
  metrics: Metrics;
  isReady(): Promise<void>;
  /** Bearer token for `/metrics` from elsewhere than this machine; absent = only this machine. */
  metricsToken: string | undefined;
  /** A reverse proxy stands in front: then what comes from this machine may come from anywhere. */
  behindProxy: boolean;
}

/**
 * `/healthz`: the process answers. `/readyz`: it can do its work, else 503 with what is missing. `/metrics`: figures
 * for Prometheus. Times what is mounted after it, so it goes first.
 */
export function mountMonitoring(app: Express, options: MonitoringOptions): void {
  const { metrics, isReady, metricsToken, behindProxy } = options;
  const isMetricsToken = metricsToken === undefined ? () => false : secretMatcher(metricsToken);
  app.use(metrics.observe);
  app.get('/healthz', (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    res.json({ status: 'ok' });
  });
  app.get('/readyz', async (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    await isReady();
    res.json({ status: 'ready' });
  });
  app.get('/metrics', async (req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    const token = req.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
    if (token !== undefined) {
      if (!isMetricsToken(token)) throw new AppError('auth.invalid');
    } else if (behindProxy || !isDirectFromHere(req)) throw new AppError('auth.required');
    res.setHeader('Content-Type', metrics.contentType);
    res.end(await metrics.text());
  });
}

const PROXY_HEADERS = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];

/** From a program on this machine that speaks for nobody else. */
function isDirectFromHere(req: Request): boolean {
  const address = req.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const loopback = address === '::1' || address.startsWith('127.');
  return loopback && PROXY_HEADERS.every((name) => req.headers[name] === undefined);
}
