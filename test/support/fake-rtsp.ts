import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  createRtspParser,
  header,
  type RtspRequest,
  writeResponse,
} from '../../streams/relay/rtsp-message.ts';

export interface FakeAnswer {
  status: number;
  fields?: readonly (readonly [string, string])[];
  body?: string;
}

export interface FakeRtsp {
  url: string;
  port: number;
  requests: RtspRequest[];
  connections(): number;
  sockets: Set<Socket>;
  stop(): Promise<void>;
}

export const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 10.9.8.7',
  's=cam',
  'c=IN IP4 10.9.8.7',
  't=0 0',
  'a=control:*',
  'm=audio 0 RTP/AVP 8',
  'a=control:track0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=control:track1',
  '',
].join('\r\n');

/** A camera that misbehaves exactly as told; undefined = it says nothing. */
export async function startFakeRtsp(
  answer: (request: RtspRequest, socket: Socket) => FakeAnswer | undefined,
): Promise<FakeRtsp> {
  const requests: RtspRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    const parser = createRtspParser();
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      for (const item of parser.push(chunk)) {
        if (item.kind !== 'request') continue;
        requests.push(item);
        const reply = answer(item, socket);
        if (!reply) continue;
        const fields = [['CSeq', header(item, 'cseq') ?? ''] as const, ...(reply.fields ?? [])];
        socket.write(writeResponse(reply.status, 'Said', fields, Buffer.from(reply.body ?? '')));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${port}/stream`,
    port,
    requests,
    sockets,
    connections: () => connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
