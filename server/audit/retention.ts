import type { Clock } from '../../core/clock.ts';
import type { AuditTrail, Database, Logger } from '../../core/ports.ts';
import type { Signer } from './anchors/keys.ts';
import type { AnchorLog } from './anchors/log.ts';
import { canonicalJson } from './canonical.ts';
import { close, heads, lastExpired } from './sql.ts';

/**
 * Removes what was kept long enough: per chain, the rows before which everything is older than `keepMonths`, as one
 * closed segment whose last number and hash are signed, so that the rest still verifies. The last row of a chain
 * stays. Returns how many rows went.
 */
export async function closeExpired(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
  trail: AuditTrail;
  signer: Signer;
  log: AnchorLog;
  keepMonths: number;
}): Promise<number> {
  const { database, clock, logger, trail, signer, log, keepMonths } = deps;
  const at = new Date(clock.now());
  const before = new Date(at);
  before.setUTCMonth(before.getUTCMonth() - keepMonths);
  let removed = 0;
  for (const { chain } of await heads(database)) {
    const expired = await lastExpired(database, chain, before);
    if (!expired) continue;
    const hash = expired.hash.toString('hex');
    const facts = {
      chain,
      from: expired.from,
      seq: expired.seq,
      through: expired.at.toISOString(),
      keepMonths,
    };
    const document = canonicalJson({
      v: 1,
      type: 'close',
      at: at.toISOString(),
      hash,
      key: signer.keyId,
      ...facts,
    });
    const count = await database.transaction(async (tx) => {
      const gone = await close(tx, {
        chain,
        seq: expired.seq,
        document,
        signature: signer.sign('close', document),
        at,
      });
      await trail.record(tx, {
        by: null,
        action: 'audit.close',
        object: { type: 'audit', id: chain },
        after: { ...facts, rows: gone },
      });
      return gone;
    });
    log.append([{ type: 'close', at: at.toISOString(), chain, seq: expired.seq, hash }]);
    logger.info({ chain, upTo: expired.seq, rows: count }, 'closed a segment of the audit trail');
    removed += count;
  }
  return removed;
}
