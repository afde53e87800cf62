import { openAsBlob, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { withoutEarlyReady } from './embedded-protocol.ts';

const port = parentPort;
if (!port) throw new Error('this file runs only as a worker thread');

const { dataDir, socketPath, loadFrom } = workerData as {
  dataDir: string | undefined;
  socketPath: string;
  loadFrom: string | undefined;
};

async function open(): Promise<PGlite> {
  const loadDataDir = loadFrom === undefined ? {} : { loadDataDir: await openAsBlob(loadFrom) };
  return await PGlite.create({ dataDir, extensions: { postgis }, ...loadDataDir });
}

try {
  const db = await open();
  // Left behind by a killed process; the data directory itself recovers by its write-ahead log.
  rmSync(socketPath, { force: true });
  const server = new PGLiteSocketServer({ db: withoutEarlyReady(db), path: socketPath, maxConnections: 8 });
  await server.start();
  port.on('message', (message: { type: 'close' } | { type: 'dump'; path: string }) => {
    void (async () => {
      try {
        if (message.type === 'dump') {
          const archive = await db.dumpDataDir('none');
          await writeFile(message.path, Buffer.from(await archive.arrayBuffer()));
          port.postMessage({ type: 'dumped' });
        } else {
          await server.stop();
          await db.close();
          port.postMessage({ type: 'closed' });
        }
      } catch (error) {
        port.postMessage({ type: 'failed', message: String(error) });
      }
    })();
  });
  port.postMessage({ type: 'ready' });
} catch (error) {
  port.postMessage({ type: 'failed', message: String(error) });
}
