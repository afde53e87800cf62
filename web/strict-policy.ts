import { config } from 'zod';

// zod would try `new Function` to speed itself up; the content security policy refuses that and reports each try.
config({ jitless: true });

interface TrustedTypes {
  createPolicy(name: string, rules: Record<string, (text: string) => string>): unknown;
}

/**
 * The page's one policy for trusted types: what a library may still turn from text into markup or script. OpenLayers
 * measures a letter, and starts a worker that it has made itself; everything else throws.
 */
const LETTER = 'M';
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const refused = (what: string): never => {
  throw new TypeError(`refused to make ${what} of a text`);
};
trustedTypes?.createPolicy('default', {
  createHTML: (text) => (text === LETTER ? text : refused('markup')),
  createScriptURL: (url) => (url.startsWith(`blob:${location.origin}/`) ? url : refused('a script')),
});
