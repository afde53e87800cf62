import type { Verb } from '../contract.ts';
import start from './start.ts';

const verb: Verb = {
  summary: 'run the product with the sample province alive',
  usage: '',
  options: {},
  positionals: { min: 0, max: 0 },
  run: () => start.run({ positionals: [], values: { demo: true } }),
};
export default verb;
