import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { AuditEntry, Database } from '../../core/ports.ts';
import { createAnchoring } from '../../server/audit/anchors/anchoring.ts';
import { openSigner, readKeys } from '../../server/audit/anchors/keys.ts';
import { openAnchorLog } from '../../server/audit/anchors/log.ts';
import type { AnchorTarget } from '../../server/audit/anchors/targets.ts';
import { checkTrail } from '../../server/audit/check.ts';
import { createTrail } from '../../server/audit/trail.ts';
import { createSecretStore } from '../../server/secrets/index.ts';
import { createHealth } from '../../server/system/index.ts';
import { testLogger } from './logger.ts';

/** A trail with its anchors, as the product wires them, and no ticking: the test says when it is anchored. */
export async function createTestTrail(
  database: Database,
  clock: Clock,
  target?: AnchorTarget,
  dataDir = mkdtempSync(join(tmpdir(), 'haidang-audit-')),
) {
  const folder = join(dataDir, 'audit');
  const logger = testLogger();
  const health = createHealth(clock);
  const secrets = await createSecretStore({ database, keyFile: join(dataDir, 'secret.key') });
  const signer = await openSigner(secrets, folder);
  const trail = createTrail({ database, clock, logger, health });
  const open = () => {
    const log = openAnchorLog({ folder, signer, nowMs: () => clock.now() });
    return createAnchoring({ database, clock, logger, health, log, target });
  };
  const anchoring = open();
  return {
    trail,
    folder,
    health,
    signer,
    secrets,
    anchor: () => anchoring.anchorNow(),
    /** Anchoring as a new start of the product takes it up. */
    reopen: () => open().anchorNow(),
    check: () => checkTrail({ database, folder, keys: readKeys(folder), nowMs: () => clock.now() }),
    close: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
export type TestTrail = Awaited<ReturnType<typeof createTestTrail>>;

/** An act of one person on one thing. */
export function act(n: number, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    by: {
      userId: 'u1',
      username: 'lan',
      sessionId: 's1',
      origin: { ip: '10.0.0.7', requestId: `request-${n}` },
    },
    action: 'device.change',
    object: { type: 'device', id: `device-${n}`, name: `Trạm ${n}` },
    place: { areaId: '99001', domain: null },
    before: { name: `Trạm cũ ${n}`, enabled: true },
    after: { name: `Trạm ${n}`, enabled: true },
    ...more,
  };
}
