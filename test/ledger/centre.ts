/**
 * The whole product in a process of its own, to be killed: `{url, dataDir, mqttPort, roles?}` as one JSON argument.
 * Prints `{url, token, mqttPort}` as one line when it is ready. SIGTERM stops it properly.
 */
import { startApp } from '../../server/boot/app.ts';
import { loadConfig } from '../../server/boot/config.ts';
import { testLogger } from '../support/logger.ts';
import { PLAIN_SIGN_IN } from '../support/people.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as { url: string; dataDir: string; mqttPort: number };
const { settings } = loadConfig(
  {},
  {
    dataDir: options.dataDir,
    db: { url: options.url },
    http: { port: 0 },
    mqtt: { port: options.mqttPort },
    roles: ['api', 'ingest', 'worker'],
    signIn: PLAIN_SIGN_IN,
  },
);
const app = await startApp(settings, testLogger());
process.once('SIGTERM', () => {
  void app.stop().then(() => process.exit(0));
});
process.stdout.write(`${JSON.stringify(app.control)}\n`);
