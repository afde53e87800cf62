import { resolve } from 'node:path';
import { AuditVerification } from '../../../../core/api/audit.ts';
import { auditFolder, checkExport, checkTrail, readKeys } from '../../../audit/index.ts';
import { loadConfig } from '../../config.ts';
import { openDatabase } from '../../database.ts';
import { lockDataDir } from '../../lock.ts';
import { createLogger } from '../../logger.ts';
import { findRunning, withClient } from '../client.ts';
import { text, UsageError, type Verb } from '../contract.ts';

const WHAT = {
  edited: 'was changed',
  missing: 'is missing',
  inserted: 'was put in',
  moved: 'was moved here',
  cut: 'is gone: the tail was cut off',
  rewritten: 'is not the one that was anchored: the chain was rewritten from here',
  closing: 'the closing before it is not signed or does not fit',
} as const;

/**
 * Asks the running product; when it is not running, or with `--direct`, reads the database itself. The anchors and
 * public keys can be taken from elsewhere, for example from the second place or an auditor's own copy.
 */
const verb: Verb = {
  summary: 'verify the audit trail; names the first bad row of each chain',
  usage: '[--direct] [--anchors <folder>] [--keys <folder>] [--json] | --export <folder> [--keys <folder>]',
  options: {
    direct: { type: 'boolean' },
    anchors: { type: 'string' },
    keys: { type: 'string' },
    export: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    const exported = text(values.export);
    if (exported !== undefined) {
      if (values.direct || values.anchors) throw new UsageError('--export stands alone, or with --keys');
      return await verifyExport(exported, text(values.keys));
    }
    const { settings } = loadConfig();
    const running = await findRunning(settings.dataDir);
    const isAlone = values.direct || values.anchors || values.keys || !running;
    if (isAlone && running && settings.db.url === undefined)
      throw new Error(
        'the embedded database belongs to the running product; stop it, or verify without options',
      );
    const result = isAlone
      ? await verifyDirectly({ anchors: text(values.anchors), keys: text(values.keys) })
      : AuditVerification.parse(await withClient((client) => client.call('GET', '/audit/verify')));
    if (values.json) console.log(JSON.stringify(result, null, 2));
    else print(result);
    return result.ok ? 0 : 1;
  },
};
export default verb;

async function verifyDirectly(places: { anchors?: string; keys?: string }): Promise<AuditVerification> {
  const { settings } = loadConfig();
  const isEmbedded = settings.db.url === undefined;
  const unlock = isEmbedded ? lockDataDir(settings.dataDir) : () => {};
  try {
    const database = await openDatabase(settings, createLogger('warn'));
    try {
      const own = auditFolder(resolve(settings.dataDir));
      const folder = places.anchors ?? own;
      const keys = readKeys(places.keys ?? own);
      return await checkTrail({ database, folder, keys, nowMs: () => Date.now() });
    } finally {
      await database.close();
    }
  } finally {
    unlock();
  }
}

async function verifyExport(folder: string, keyFolder: string | undefined): Promise<number> {
  const keys = readKeys(keyFolder ?? auditFolder(resolve(loadConfig().settings.dataDir)));
  const verdict = await checkExport(folder, keys);
  console.log(
    verdict.ok
      ? `ok: ${verdict.rows} rows, exported by ${verdict.by} at ${verdict.at}`
      : `BAD: ${verdict.fault}`,
  );
  return verdict.ok ? 0 : 1;
}

function print({ chains, anchors, tookMs }: AuditVerification): void {
  for (const { chain, rows, from, head, anchoredTo, firstBad } of chains) {
    if (firstBad === null) {
      const to = head?.seq ?? from - 1;
      console.log(`ok   ${chain}: ${rows} rows, ${from} to ${to}, anchored to ${anchoredTo}`);
      continue;
    }
    const { seq, kind, other, anchoredAt } = firstBad;
    const more =
      kind === 'moved' && other !== null
        ? ` from ${other}`
        : other !== null && other !== seq
          ? `, up to ${other}`
          : '';
    const when = anchoredAt === null ? '' : ` (anchored ${anchoredAt})`;
    console.log(`BAD  ${chain}: row ${seq} ${WHAT[kind]}${more}${when}`);
  }
  if (anchors.missing) console.log('BAD  anchors: there is none, though there are rows');
  for (const { file, line, kind } of anchors.problems) console.log(`BAD  ${file} line ${line}: ${kind}`);
  for (const { chain, from, to, by, reason, at } of anchors.losses)
    console.log(`note ${chain}: rows ${from} to ${to} were lost before ${at}, says ${by}: ${reason}`);
  console.log(`${anchors.lines} anchor lines, the last of ${anchors.lastAt ?? 'never'}; ${tookMs} ms`);
}
