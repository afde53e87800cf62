import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SystemStatus } from '../../../../core/api/centre.ts';
import { loadProfile } from '../../../profile/index.ts';
import { loadConfig } from '../../config.ts';
import { findRunning, withClient } from '../client.ts';
import type { Verb } from '../contract.ts';

const PROVINCES_DIR = join(fileURLToPath(new URL('../../../../config', import.meta.url)), 'provinces');
const MARK = { ok: 'ok      ', degraded: 'degraded', down: 'DOWN    ' } as const;

/**
 * Looks at everything that can be looked at from here and says what it found, one line each. When the product is not
 * running it is started for the purpose, without its device front and cameras: what needs those is not judged.
 */
const verb: Verb = {
  summary: 'check configuration, database, disk and the running product',
  usage: '',
  options: {},
  positionals: { min: 0, max: 0 },
  async run() {
    const { settings, sources } = loadConfig();
    const changed = sources.filter((source) => source.from !== 'default').map((source) => source.path);
    console.log(
      `${MARK.ok}  configuration: ${changed.length === 0 ? 'all defaults' : `set: ${changed.join(', ')}`}`,
    );
    const profile = await loadProfile(PROVINCES_DIR, settings.profileProvince);
    console.log(`${MARK.ok}  profile: ${settings.profileProvince} (${profile.province.nameEn})`);

    const running = await findRunning(settings.dataDir);
    console.log(
      running
        ? `${MARK.ok}  product: running as process ${running.pid} at ${running.url}`
        : `${MARK.ok}  product: not running; started for this check without device front and cameras`,
    );
    const status = SystemStatus.parse(await withClient((client) => client.call('GET', '/system')));
    for (const item of status.health)
      console.log(`${MARK[item.state]}  ${item.component}: ${item.message.en}`);

    const disk = await statfs(settings.dataDir);
    console.log(
      `${MARK.ok}  data directory: ${settings.dataDir}, ${Math.round((disk.bavail * disk.bsize) / 2 ** 30)} GiB free`,
    );
    const { devices, cameras } = status;
    console.log(
      `${MARK.ok}  devices: ${devices.online} of ${devices.total} heard from; cameras: ${cameras.online} of ${cameras.total} up`,
    );
    return status.health.every((item) => item.state !== 'down') ? 0 : 1;
  },
};
export default verb;
