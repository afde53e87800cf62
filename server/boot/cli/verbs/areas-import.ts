import { readFileSync } from 'node:fs';
import { AreaImportReport } from '../../../../core/api/areas.ts';
import { withClient } from '../client.ts';
import { text, type Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'import areas from a GeoJSON file (EPSG:4326)',
  usage: '<geojson> [--valid-from <yyyy-mm-dd>] [--json]',
  options: { 'valid-from': { type: 'string' }, json: { type: 'boolean' } },
  positionals: { min: 1, max: 1 },
  async run({ positionals, values }) {
    const collection: unknown = JSON.parse(readFileSync(positionals[0] ?? '', 'utf8'));
    const validFrom = text(values['valid-from']);
    const query = validFrom === undefined ? '' : `?validFrom=${encodeURIComponent(validFrom)}`;
    const answer = await withClient((client) => client.call('POST', `/areas${query}`, collection));
    const report = AreaImportReport.parse(answer);
    if (values.json) {
      console.log(JSON.stringify(report, null, 2));
    } else {
      const { province, district, commune } = report.imported;
      const parts = [
        `${province} province`,
        district > 0 ? `${district} districts` : '',
        `${commune} communes`,
      ];
      console.log(`imported ${parts.filter(Boolean).join(', ')}`);
      for (const { code, name } of report.replaced)
        console.log(`ended ${code} ${name} and all in it: the new province covers its ground`);
      for (const item of report.repaired) console.log(`repaired #${item.index} ${item.code}: ${item.reason}`);
      for (const item of report.rejected)
        console.log(`rejected #${item.index} ${item.code ?? ''}: ${item.reason}`);
    }
    return report.rejected.length === 0 ? 0 : 1;
  },
};
export default verb;
