import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Express } from 'express';
import { DOCS_POLICY } from './headers.ts';

const OWN = join(import.meta.dirname, 'docs');
const require = createRequire(import.meta.url);
const SWAGGER_UI = dirname(require.resolve('swagger-ui-dist/package.json'));

/** Address → folder and file. Only these: the package brings an example page that calls out. */
const FILES: Readonly<Record<string, readonly [folder: string, file: string]>> = {
  '/api/docs': [OWN, 'page.html'],
  '/api/docs/start.js': [OWN, 'start.js'],
  '/api/docs/swagger-ui-bundle.js': [SWAGGER_UI, 'swagger-ui-bundle.js'],
  '/api/docs/swagger-ui.css': [SWAGGER_UI, 'swagger-ui.css'],
  '/api/docs/favicon-32x32.png': [SWAGGER_UI, 'favicon-32x32.png'],
};

/** The API to read and to try, from our own files: it needs no network and no exception from the page's policy. */
export function mountDocs(app: Express): void {
  for (const [address, [root, file]] of Object.entries(FILES))
    app.get(address, (_req, res, next) => {
      res.setHeader('Cache-Control', 'no-cache');
      res.setHeader('Content-Security-Policy', DOCS_POLICY);
      res.sendFile(file, { root, cacheControl: false }, (error) => (error ? next(error) : undefined));
    });
}
