import { X509Certificate } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Database, Health, Logger } from '../../core/ports.ts';
import { within } from './deadline.ts';
import { databaseNowMs } from './sql.ts';
import { certificateVerdict, clockVerdict, databaseVerdict, diskVerdict, type Verdict } from './verdicts.ts';

/** A certificate that the product shows to others. */
export interface WatchedCertificate {
  /** For example `MQTT TLS`. */
  name: string;
  /** PEM file; the first certificate in it is looked at. */
  file: string;
}

export interface WatchOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  health: Health;
  dataDir: string;
  certificates?: readonly WatchedCertificate[];
  /** Room on the disk with the data; the operating system is asked unless told otherwise. */
  disk?: () => Promise<{ totalBytes: number; freeBytes: number }>;
}

const DATABASE_EVERY_MS = 5000;
const DATABASE_DEADLINE_MS = 5000;
const SLOW_ROUND_MS = 60_000;

/** Clocks that are kept by NTP stay within milliseconds; readings are taken to be in the future from 5 minutes on. */
const CLOCK_SKEW_MS = 2000;
/** How long a step of the clock is shown. */
const STEP_SHOWN_MS = 600_000;

export interface Watch {
  start(): void;
  stop(): void;
  /** Looks at everything once, now. */
  round(): Promise<void>;
}

/**
 * Sees what will stop the product before it does: a database that does not answer, a disk that fills up, a clock
 * that jumped or differs from the database's, a certificate that ends. Missing partitions are reported by the writer.
 */
export function createWatch(options: WatchOptions): Watch {
  const { database, clock, logger, health, dataDir, certificates = [] } = options;
  const disk = options.disk ?? (() => diskOf(dataDir));
  const spread = () => clock.now() - clock.monotonic();
  let lastSpread = spread();
  let steppedMs = 0;
  let steppedAtMs = Number.NEGATIVE_INFINITY;

  const report = (component: string, verdict: Verdict) => {
    const before = health.items().find((item) => item.component === component)?.state ?? 'ok';
    if (verdict.state !== before) {
      const level = verdict.state === 'ok' ? 'info' : 'warn';
      logger[level]({ component, state: verdict.state, code: verdict.code }, verdict.message.en);
    }
    health.set({ component, ...verdict });
  };

  const lookAtDatabase = async () => {
    const startedMs = clock.monotonic();
    try {
      const theirs = await within(
        clock,
        DATABASE_DEADLINE_MS,
        databaseNowMs(database),
        () => new AppError('db.unavailable', { detail: 'no answer' }),
      );
      const tookMs = clock.monotonic() - startedMs;
      report('database', databaseVerdict(tookMs));
      lookAtClock(theirs - (clock.now() - tookMs / 2), tookMs);
    } catch (error) {
      logger.debug({ err: String(error) }, 'the database did not answer');
      report('database', databaseVerdict(undefined));
      lookAtClock(undefined, 0);
    }
  };

  const lookAtClock = (skewMs: number | undefined, tookMs: number) => {
    const now = spread();
    if (Math.abs(now - lastSpread) > CLOCK_SKEW_MS) {
      steppedMs = now - lastSpread;
      steppedAtMs = clock.monotonic();
    }
    lastSpread = now;
    const steppedLately = clock.monotonic() - steppedAtMs < STEP_SHOWN_MS ? steppedMs : undefined;
    // A slow answer blurs the comparison by as much as it took.
    const skew = skewMs !== undefined && Math.abs(skewMs) > CLOCK_SKEW_MS + tookMs ? skewMs : undefined;
    report('clock', clockVerdict(skew, steppedLately));
  };

  const lookAtDisk = async () => {
    const { totalBytes, freeBytes } = await disk();
    report('disk', diskVerdict(totalBytes, freeBytes));
  };

  const lookAtCertificates = async () => {
    for (const { name, file } of certificates) {
      const endsMs = await readFile(file)
        .then((pem) => new X509Certificate(pem).validToDate.getTime())
        .catch(() => undefined);
      report(`certificate.${name}`, certificateVerdict(name, endsMs, clock.now()));
    }
  };

  const slowRound = async () => {
    await lookAtDisk().catch((error) => logger.warn({ err: String(error) }, 'the disk could not be asked'));
    await lookAtCertificates();
  };

  const cancels = new Map<string, () => void>();
  let stopped = false;
  const every = (name: string, periodMs: number, work: () => Promise<void>) => {
    const next = () => {
      if (stopped) return;
      cancels.set(
        name,
        clock.after(periodMs, () => void work().finally(next)),
      );
    };
    void work().finally(next);
  };

  return {
    start() {
      every('database', DATABASE_EVERY_MS, lookAtDatabase);
      every('slow', SLOW_ROUND_MS, slowRound);
    },
    stop() {
      stopped = true;
      for (const cancel of cancels.values()) cancel();
    },
    async round() {
      await lookAtDatabase();
      await slowRound();
    },
  };
}

async function diskOf(dir: string) {
  const { bsize, blocks, bavail } = await statfs(dir);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}
