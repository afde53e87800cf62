import { readFileSync, writeFileSync } from 'node:fs';
import { DeviceImportReport } from '../../../../core/api/devices.ts';
import { withClient } from '../client.ts';
import { text, type Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'register the devices of a CSV table, with a verdict per row',
  usage: '<csv> [--dry-run] [--credentials <file>] [--json]',
  options: {
    'dry-run': { type: 'boolean' },
    credentials: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals, values }) {
    const table = readFileSync(positionals[0] ?? '');
    const path = `/devices/import${values['dry-run'] ? '?dryRun=true' : ''}`;
    const report = DeviceImportReport.parse(await withClient((client) => client.call('POST', path, table)));
    const made = report.rows.flatMap((row) => row.credential ?? []);
    const file = text(values.credentials);
    if (file !== undefined) {
      const lines = made.map(({ username, password, topic }) => [username, password, topic].join(','));
      writeFileSync(file, ['username,password,topic', ...lines, ''].join('\n'), { mode: 0o600 });
    }
    if (values.json) {
      console.log(JSON.stringify(report, null, 2));
    } else {
      for (const row of report.rows) {
        if (row.verdict !== 'unchanged')
          console.log(
            `line ${row.line}: ${row.id ?? ''} ${row.verdict}${row.reason === null ? '' : `, ${row.reason}`}`,
          );
        if (row.credential && file === undefined)
          console.log(
            `    username ${row.credential.username}  password ${row.credential.password}  topic ${row.credential.topic}`,
          );
      }
      const { created, updated, unchanged, rejected } = report;
      console.log(`${created} created, ${updated} updated, ${unchanged} unchanged, ${rejected} rejected`);
    }
    return report.rejected === 0 ? 0 : 1;
  },
};
export default verb;
