/** The audit trail: acts and reads in hash chains, anchored outside the database, verified, searched, exported. */
import { join } from 'node:path';
import type { AuditStatus, AuditVerification } from '../../core/api/audit.ts';
import type { Clock } from '../../core/clock.ts';
import type { AreaDirectory, AuditTrail, Health, Logger, SecretStore } from '../../core/ports.ts';
import type { OpenDatabase } from '../db/index.ts';
import type { Route } from '../http/index.ts';
import { ANCHOR_HEALTH, createAnchoring } from './anchors/anchoring.ts';
import { openSigner, readKeys } from './anchors/keys.ts';
import { openAnchorLog } from './anchors/log.ts';
import { openTarget } from './anchors/targets.ts';
import { checkTrail } from './check.ts';
import { exportTrail } from './export.ts';
import { closeExpired } from './retention.ts';
import { auditRoutes } from './routes.ts';
import { createAuditSearch } from './service.ts';
import { guardOf } from './sql.ts';
import { createTrail } from './trail.ts';

export { readKeys } from './anchors/keys.ts';
export { checkTrail } from './check.ts';
export { checkExport } from './check-export.ts';
export { acceptRestoration } from './restored.ts';
export { createRestrictedReads } from './restricted.ts';

const CHAIN = 'audit.chain';
const DAY_MS = 86_400_000;
/** After the start, when everything else has had its turn. */
const FIRST_CLOSING_MS = 10 * 60_000;

/** Folder of anchors and public keys. */
export const auditFolder = (dataDir: string): string => join(dataDir, 'audit');

export interface AuditSettings {
  keepMonths: number;
  anchorTarget?: string;
}

export interface Audit {
  trail: AuditTrail;
  routes: Route[];
  /** Records the start, anchors what an earlier run left, begins to tick. */
  start(facts: object): Promise<void>;
  /** Records the end, writes what waits, anchors a last time. Everything that acts has stopped before. */
  stop(): Promise<void>;
}

export async function createAudit(options: {
  database: OpenDatabase;
  clock: Clock;
  logger: Logger;
  health: Health;
  secrets: SecretStore;
  dataDir: string;
  settings: AuditSettings;
  /** The tree of areas, once it is there: importing areas is an act itself. */
  areas(): AreaDirectory;
}): Promise<Audit> {
  const { database, clock, logger, health, secrets, dataDir, settings, areas } = options;
  const folder = auditFolder(dataDir);
  const nowMs = () => clock.now();
  const signer = await openSigner(secrets, folder);
  const log = openAnchorLog({ folder, signer, nowMs });
  const target =
    settings.anchorTarget === undefined ? undefined : openTarget(settings.anchorTarget, folder, nowMs);
  const trail = createTrail({ database, clock, logger, health });
  const anchoring = createAnchoring({ database, clock, logger, health, log, target });

  // Closing takes rows away under a verification that is reading them, so they take turns.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  let running: ReturnType<typeof checkTrail> | undefined;
  const verify = () => {
    running ??= inTurn(() => checkTrail({ database, folder, keys: readKeys(folder), nowMs }))
      .then((result) => {
        verified = verdictOf(result);
        tell(verified);
        return result;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  let verified: AuditStatus['verified'] = null;
  const tell = ({ ok, bad }: NonNullable<AuditStatus['verified']>) => {
    const where = bad.map(({ chain, seq, kind }) => `${chain} ${seq} (${kind})`).join(', ');
    health.set({
      component: CHAIN,
      state: ok ? 'ok' : 'down',
      message: ok
        ? { vi: 'Nhật ký nguyên vẹn', en: 'the audit trail is whole' }
        : {
            vi: `Nhật ký đã bị thay đổi: ${where || 'tệp mốc'}; chạy haidang audit verify`,
            en: `the audit trail was tampered with: ${where || 'anchor files'}; run haidang audit verify`,
          },
    });
  };
  const status = async (): Promise<AuditStatus> => {
    const anchors = health.items().find(({ component }) => component === ANCHOR_HEALTH);
    return {
      anchors: {
        state: anchors?.state ?? 'degraded',
        message: anchors?.message ?? null,
        lastAt: log.lastAt() ?? null,
        keyId: signer.keyId,
        target: target?.name ?? null,
      },
      verified,
      keepMonths: settings.keepMonths,
      guard: database.capabilities.kind === 'embedded' ? 'embedded' : await guardOf(database),
    };
  };

  let cancel = () => {};
  const closing = () => {
    inTurn(async () => {
      await anchoring.anchorNow();
      await closeExpired({ ...options, trail, signer, log, keepMonths: settings.keepMonths });
    })
      .then(verify)
      .catch((error) => logger.error({ err: String(error) }, 'the daily care of the audit trail failed'));
    cancel = clock.after(DAY_MS, closing);
  };

  return {
    trail,
    routes: auditRoutes({
      search: createAuditSearch({ database, areas }),
      trail,
      verify,
      status,
      exportRows: (caller, request) =>
        exportTrail({ database, clock, areas: areas(), trail, signer }, caller, request),
    }),
    async start(facts) {
      await database.transaction((tx) =>
        trail.record(tx, {
          by: null,
          action: 'system.start',
          object: { type: 'system', id: 'haidang' },
          after: facts,
        }),
      );
      anchoring.start();
      cancel = clock.after(FIRST_CLOSING_MS, closing);
    },
    async stop() {
      cancel();
      await trail.note({ by: null, action: 'system.stop', object: { type: 'system', id: 'haidang' } });
      await trail.stop();
      await turn;
      await anchoring.stop();
    },
  };
}

function verdictOf({ ok, chains, checkedAt }: AuditVerification): NonNullable<AuditStatus['verified']> {
  return {
    at: checkedAt,
    ok,
    rows: chains.reduce((sum, chain) => sum + chain.rows, 0),
    bad: chains.flatMap(({ chain, firstBad }) =>
      firstBad ? [{ chain, seq: firstBad.seq, kind: firstBad.kind }] : [],
    ),
  };
}
