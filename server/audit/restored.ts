import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Database, Logger, SecretStore } from '../../core/ports.ts';
import { openSigner, readKeys } from './anchors/keys.ts';
import type { AnchorDraft } from './anchors/line.ts';
import { openAnchorLog } from './anchors/log.ts';
import { checkTrail } from './check.ts';
import { hashOf } from './sql.ts';
import { createTrail } from './trail.ts';

/**
 * After a restoration from a backup the anchors know rows that the database does not. This says so, signed and for
 * good: the anchors beyond the restored rows end, and every later verification lists the loss. Takes only chains that
 * were cut or went on differently; anything else is no restoration and throws `request.conflict`.
 */
export async function acceptRestoration(options: {
  database: Database;
  secrets: SecretStore;
  folder: string;
  clock: Clock;
  logger: Logger;
  by: string;
  reason: string;
}): Promise<{ chain: string; from: number; to: number }[]> {
  const { database, secrets, folder, clock, logger, by, reason } = options;
  const nowMs = () => clock.now();
  const signer = await openSigner(secrets, folder);
  const log = openAnchorLog({ folder, signer, nowMs });
  const { chains, anchors } = await checkTrail({ database, folder, keys: readKeys(folder), nowMs });
  if (anchors.problems.length > 0)
    throw new AppError('request.conflict', { detail: 'the anchor files themselves are not whole' });
  const lost = chains.flatMap(({ chain, firstBad, anchoredTo }) =>
    firstBad ? [{ chain, kind: firstBad.kind, from: firstBad.seq, to: anchoredTo }] : [],
  );
  const other = lost.find(({ kind }) => kind !== 'cut' && kind !== 'rewritten');
  if (other)
    throw new AppError('request.conflict', {
      detail: `chain ${other.chain}, row ${other.from}: ${other.kind} is not what a restoration leaves`,
    });
  const at = new Date(nowMs()).toISOString();
  const drafts: AnchorDraft[] = [];
  for (const { chain, from } of lost) {
    const hash = await hashOf(database, chain, from - 1);
    drafts.push({
      type: 'restored',
      at,
      chain,
      seq: from - 1,
      hash: hash?.toString('hex') ?? null,
      by,
      reason,
    });
  }
  log.append(drafts);
  const losses = lost.map(({ chain, from, to }) => ({ chain, from, to }));
  if (losses.length > 0) {
    const trail = createTrail({ database, clock, logger });
    await database.transaction((tx) =>
      trail.record(tx, {
        by: { userId: 'local', username: by },
        action: 'audit.restored',
        object: { type: 'audit', id: 'restored' },
        after: { losses },
        reason,
      }),
    );
  }
  return losses;
}
