import { createReadStream, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The files that the product serves, straight from `config/`. */
const geography: Plugin = {
  name: 'geography',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      const layer = path.match(/^\/basemap\/province\/([a-z]+\.geojson)$/)?.[1];
      const base = path.match(/^\/basemap\/([a-z]+\.(?:geojson|topojson))$/)?.[1];
      const file = layer
        ? here(`../../../config/provinces/demo/${layer}`)
        : base
          ? here(`../../../config/basemap/${base}`)
          : undefined;
      if (!file || !existsSync(file)) return next();
      response.setHeader('Content-Type', 'application/json');
      createReadStream(file).pipe(response);
    });
  },
};

export default defineConfig({
  root: here('../..'),
  cacheDir: here('../../../.cache/vite-map'),
  plugins: [react(), geography],
  // Dependencies may be linked from elsewhere on the machine.
  server: { fs: { strict: false } },
});
