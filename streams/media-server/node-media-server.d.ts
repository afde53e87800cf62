declare module 'node-media-server' {
  import type { Server as HttpServer } from 'node:http';
  import type { Server } from 'node:net';

  /** The few parts that `child.ts` touches; the package has no types of its own. */
  export interface NodeMediaServerConfig {
    bind: string;
    rtmp: { port: number };
    http: { port: number };
    auth: { play: boolean; publish: boolean; secret: string };
    webadmin: { enable: boolean };
    store: { path: string };
  }

  export default class NodeMediaServer {
    constructor(config: NodeMediaServerConfig);
    readonly httpServer: {
      readonly httpServer: HttpServer;
      readonly wsServer: { close(): void };
      run(): void;
    };
    readonly rtmpServer: { readonly tcpServer: Server; run(): void };
  }
}
