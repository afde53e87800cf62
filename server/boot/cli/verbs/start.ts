import { startApp } from '../../app.ts';
import { loadConfig } from '../../config.ts';
import { createLogger } from '../../logger.ts';
import type { Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'run the product until Ctrl-C',
  usage: '[--demo]',
  options: { demo: { type: 'boolean' } },
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    const { settings } = loadConfig(undefined, values.demo ? { demo: true } : {});
    const logger = createLogger(settings.logLevel);
    const asked = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    // A broken invariant ends the process: what is not acknowledged is sent again, and the next start is clean.
    process.on('uncaughtException', (error) => {
      logger.error({ stack: error.stack ?? String(error) }, 'unexpected error, ending');
      process.exit(1);
    });
    if (settings.db.url === undefined) {
      logger.warn(
        {},
        'using the embedded database: for trying out and small sites; set HAIDANG_DB__URL for a province',
      );
    }
    const app = await startApp(settings, logger);
    const password = app.firstPasswordFile ? `, password of admin in ${app.firstPasswordFile}` : '';
    const accounts = app.demoAccountsFile ? `, sample accounts in ${app.demoAccountsFile}` : '';
    console.log(`Hải Đăng is ready at ${app.control.url}${password}${accounts}`);
    await asked;
    logger.info({}, 'stopping');
    await app.stop();
    return 0;
  },
};
export default verb;
