import { UserCreate, UserCreated } from '../../../../core/api/auth.ts';
import { withClient } from '../client.ts';
import { text, UsageError, type Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'make an account and print its first password, once',
  usage:
    '<username> --role <role> [--name <display name>] [--works-for <agency>] [--agency <id>|self|self+subordinate]… [--area <id>]… [--domain <id>]… [--class public|internal|restricted]',
  options: {
    role: { type: 'string' },
    name: { type: 'string' },
    area: { type: 'string', multiple: true },
    domain: { type: 'string', multiple: true },
    'works-for': { type: 'string' },
    agency: { type: 'string', multiple: true },
    class: { type: 'string' },
  },
  positionals: { min: 1, max: 1 },
  async run({ positionals, values }) {
    const username = positionals[0] ?? '';
    const limits = (value: unknown) => (Array.isArray(value) ? (value as string[]) : null);
    const body = UserCreate.safeParse({
      username,
      displayName: text(values.name) ?? username,
      agencyId: text(values['works-for']),
      grants: [
        {
          role: text(values.role),
          agencies: agenciesOf(limits(values.agency)),
          areaIds: limits(values.area),
          domains: limits(values.domain),
          maxClass: text(values.class),
        },
      ],
    });
    if (!body.success)
      throw new UsageError(
        body.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      );
    // Made by the product, it travels once, over loopback, and is printed only to who asked.
    const made = await withClient((client) => client.call('POST', '/users', body.data));
    const { password } = UserCreated.parse(made);
    console.log(`username  ${username}\npassword  ${password}`);
    return 0;
  },
};

/** The words `self` and `self+subordinate` stand alone; everything else is an agency's id. */
function agenciesOf(given: string[] | null): unknown {
  const [first, ...more] = given ?? ['all'];
  return more.length === 0 && first !== undefined && /^(all|self|self\+subordinate)$/.test(first)
    ? first
    : given;
}

export default verb;
