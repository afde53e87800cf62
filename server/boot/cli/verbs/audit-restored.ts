import { join, resolve } from 'node:path';
import { systemClock } from '../../../../core/clock.ts';
import { acceptRestoration, auditFolder } from '../../../audit/index.ts';
import { migrate } from '../../../db/index.ts';
import { createSecretStore } from '../../../secrets/index.ts';
import { loadConfig } from '../../config.ts';
import { openDatabase } from '../../database.ts';
import { lockDataDir } from '../../lock.ts';
import { createLogger } from '../../logger.ts';
import { text, UsageError, type Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'say that the database was restored from a backup and audit rows are lost (product stopped)',
  usage: '--reason <text>',
  options: { reason: { type: 'string' } },
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    const reason = text(values.reason)?.trim();
    if (!reason) throw new UsageError('--reason: say what happened; it is signed and kept');
    const { settings } = loadConfig();
    const dataDir = resolve(settings.dataDir);
    const logger = createLogger('warn');
    const unlock = lockDataDir(dataDir);
    try {
      const database = await openDatabase(settings, logger);
      try {
        await migrate(database, logger);
        const losses = await acceptRestoration({
          database,
          secrets: await createSecretStore({ database, keyFile: join(dataDir, 'secret.key') }),
          folder: auditFolder(dataDir),
          clock: systemClock,
          logger,
          by: 'haidang-cli',
          reason,
        });
        for (const { chain, from, to } of losses) console.log(`${chain}: rows ${from} to ${to} are lost`);
        if (losses.length === 0) console.log('nothing is lost: the trail fits its anchors');
        return 0;
      } finally {
        await database.close();
      }
    } finally {
      unlock();
    }
  },
};
export default verb;
