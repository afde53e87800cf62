import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileCredentials, formatReports, loadMapping, replay } from '../../../../tools/replay/index.ts';
import { loadConfig } from '../../config.ts';
import { withClient } from '../client.ts';
import { text, UsageError, type Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'publish tables of station data over MQTT, as the stations would have',
  usage: '<csv…> --map <yaml> [--mqtt <url>] [--ca <pem>] [--renew-credentials] [--json]',
  options: {
    map: { type: 'string' },
    mqtt: { type: 'string' },
    ca: { type: 'string' },
    'renew-credentials': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  positionals: { min: 1, max: 1000 },
  async run({ positionals, values }) {
    const map = text(values.map);
    if (map === undefined) throw new UsageError('--map is missing: what the columns mean');
    const mapping = loadMapping(map);
    const { settings } = loadConfig();
    const ca = text(values.ca);
    return await withClient(
      async (client) => {
        const { mqttPort } = client.control;
        const host = settings.mqtt.host === '0.0.0.0' ? '127.0.0.1' : settings.mqtt.host;
        const mqttUrl = text(values.mqtt) ?? (mqttPort === null ? undefined : `mqtt://${host}:${mqttPort}`);
        if (mqttUrl === undefined)
          throw new Error('the product runs without a device front; name one with --mqtt');
        const reports = await replay({
          files: positionals,
          mapping,
          mqttUrl,
          call: client.call,
          ...(ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }),
          credentials: fileCredentials(join(settings.dataDir, 'replay-credentials.json')),
          renew: values['renew-credentials'] === true,
          onFile: ({ file, values: sent, acked, messages }) => {
            if (!values.json)
              console.error(`${file}: ${sent} values, ${acked} of ${messages} messages acknowledged`);
          },
        });
        console.log(values.json ? JSON.stringify(reports, null, 2) : formatReports(reports));
        const whole = reports.every(
          (report) =>
            report.acked === report.messages && report.unreadable === 0 && report.stored >= report.values,
        );
        return whole ? 0 : 1;
      },
      { mustRun: true },
    );
  },
};
export default verb;
