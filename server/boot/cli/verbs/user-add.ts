import { randomBytes } from 'node:crypto';
import { UserCreate } from '../../../../core/api/auth.ts';
import { ROLES } from '../../../../core/permissions.ts';
import { withClient } from '../client.ts';
import { text, UsageError, type Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'make an account and print its first password, once',
  usage: `<username> --role <${ROLES.join('|')}> [--name <display name>] [--area <id>]… [--domain <id>]…`,
  options: {
    role: { type: 'string' },
    name: { type: 'string' },
    area: { type: 'string', multiple: true },
    domain: { type: 'string', multiple: true },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals, values }) {
    const username = positionals[0] ?? '';
    const limits = (value: unknown) => (Array.isArray(value) ? (value as string[]) : null);
    // Made here so that it travels once, over loopback, and is printed only to who asked.
    const password = randomBytes(18).toString('base64url');
    const body = UserCreate.safeParse({
      username,
      displayName: text(values.name) ?? username,
      password,
      grants: [{ role: text(values.role), areaIds: limits(values.area), domains: limits(values.domain) }],
    });
    if (!body.success)
      throw new UsageError(
        body.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      );
    await withClient((client) => client.call('POST', '/users', body.data));
    console.log(`username  ${username}\npassword  ${password}`);
    return 0;
  },
};
export default verb;
