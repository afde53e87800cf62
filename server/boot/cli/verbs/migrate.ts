import { migrate } from '../../../db/index.ts';
import { loadConfig } from '../../config.ts';
import { openDatabase } from '../../database.ts';
import { createLogger } from '../../logger.ts';
import type { Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'apply missing migrations and end',
  usage: '',
  options: {},
  positionals: { min: 0, max: 0 },
  async run() {
    const { settings } = loadConfig();
    const logger = createLogger('warn');
    const database = await openDatabase(settings, logger);
    try {
      const { applied } = await migrate(database, logger);
      console.log(applied.length === 0 ? 'the database is up to date' : applied.join('\n'));
    } finally {
      await database.close();
    }
    return 0;
  },
};
export default verb;
