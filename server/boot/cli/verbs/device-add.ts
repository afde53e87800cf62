import { DeviceCreate, DeviceCreated } from '../../../../core/api/devices.ts';
import { withClient } from '../client.ts';
import { text, UsageError, type Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'register a device and print its credential, once',
  usage: '<name> --type <type> [--id <id>] [--site <site>] [--at <lon,lat>] [--domain <domain>] [--json]',
  options: {
    type: { type: 'string' },
    id: { type: 'string' },
    site: { type: 'string' },
    at: { type: 'string' },
    domain: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals, values }) {
    const at = text(values.at)?.split(',').map(Number);
    if (!text(values.type)) throw new UsageError('--type is missing (GET /device-types lists them)');
    const body = DeviceCreate.safeParse({
      name: positionals[0],
      type: text(values.type),
      id: text(values.id),
      site: text(values.site),
      domain: text(values.domain),
      position: at,
    });
    if (!body.success)
      throw new UsageError(
        body.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      );
    const device = DeviceCreated.parse(
      await withClient((client) => client.call('POST', '/devices', body.data)),
    );
    if (values.json) {
      console.log(JSON.stringify(device, null, 2));
    } else {
      console.log(`device    ${device.id} (${device.type}) in ${device.areaName ?? 'no area'}`);
      console.log(`username  ${device.credential.username}`);
      console.log(`password  ${device.credential.password}`);
      console.log(`topic     ${device.credential.topic}`);
    }
    return 0;
  },
};
export default verb;
