import { loadConfig } from '../../config.ts';
import type { Verb } from '../contract.ts';

const verb: Verb = {
  summary: 'print every setting, its value and where it came from',
  usage: '[--json]',
  options: { json: { type: 'boolean' } },
  positionals: { min: 0, max: 0 },
  async run({ values }) {
    const { sources } = loadConfig();
    if (values.json) {
      console.log(JSON.stringify(sources, null, 2));
      return 0;
    }
    for (const { path, env, meaning, value, from } of sources) {
      console.log(
        `${path} = ${value === undefined ? '(unset)' : JSON.stringify(value)}\n    ${meaning}\n    from ${from}; ${env}`,
      );
    }
    return 0;
  },
};
export default verb;
