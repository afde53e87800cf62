import type { Socket } from 'node:net';
import { asFailure, MediaFailure, refusalOf } from '../failure.ts';
import type { CameraConnection } from './camera-connection.ts';
import { header, type RtspItem, type RtspRequest, type RtspResponse, writeResponse } from './rtsp-message.ts';
import { contentBase, controlUrl, rewriteSdp, type VideoTrack, videoTrack } from './sdp.ts';

export interface ExchangePorts {
  client: Socket;
  dialled: Promise<CameraConnection>;
  cameraUrl: string;
  relayUrl: string;
  onTrack(track: VideoTrack): void;
  onFailure(failure: MediaFailure): void;
}

type Field = readonly [string, string];

/** The one track is always called so on our side. */
const TRACK = 'video';
const METHODS = new Set(['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'GET_PARAMETER', 'TEARDOWN']);

const STATUS_OF: Partial<Record<MediaFailure['code'], readonly [number, string]>> = {
  auth_failed: [401, 'Unauthorized'],
  timeout: [408, 'Request Timeout'],
  address_refused: [403, 'Forbidden'],
  redirect_refused: [403, 'Forbidden'],
  unsupported: [415, 'Unsupported Media Type'],
};

/** The conversation between one FFmpeg and one camera: only named methods and header fields cross. */
export class RelayExchange {
  readonly #ports: ExchangePorts;
  #connection: CameraConnection | undefined;
  /** Base of the camera's controls and the URL of its video track, known after DESCRIBE. */
  #base: string;
  #track: string | undefined;
  #closed = false;

  constructor(ports: ExchangePorts) {
    this.#ports = ports;
    this.#base = ports.cameraUrl;
    ports.dialled.then(
      (connection) => {
        if (this.#closed) connection.close();
        else this.#connection = connection;
      },
      () => {},
    );
  }

  receive(item: RtspItem): void {
    if (item.kind === 'frames') this.#connection?.sendFrames(item.data);
    else if (item.kind === 'request') void this.#answer(item);
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
  }

  async #answer(request: RtspRequest): Promise<void> {
    const { client } = this.#ports;
    const sequence: Field = ['CSeq', header(request, 'cseq')?.replace(/\D/g, '') ?? '0'];
    try {
      if (!METHODS.has(request.method)) {
        client.write(writeResponse(501, 'Not Implemented', [sequence]));
        return;
      }
      const connection = await this.#ports.dialled;
      const response = await connection.request(request.method, this.#target(request), crossing(request));
      const { fields, body } = this.#toClient(request, response);
      if (!client.destroyed)
        client.write(writeResponse(response.status, reason(response), [sequence, ...fields], body));
    } catch (error) {
      const failure = asFailure(error, 'unreachable');
      // What breaks because we hung up is nobody's failure.
      if (!this.#closed) this.#ports.onFailure(failure);
      const [status, text] = STATUS_OF[failure.code] ?? [503, 'Service Unavailable'];
      if (!client.destroyed) client.end(writeResponse(status, text, [sequence]));
    }
  }

  /** FFmpeg's URL → the camera's. Three are known: the camera itself, its session, its track. */
  #target(request: RtspRequest): string {
    const path = request.url.slice(this.#ports.relayUrl.length).replace(/^\//, '');
    if (path === TRACK && this.#track !== undefined) return this.#track;
    if (request.method === 'OPTIONS' || request.method === 'DESCRIBE') return this.#ports.cameraUrl;
    return this.#base;
  }

  #toClient(request: RtspRequest, response: RtspResponse): { fields: Field[]; body: Buffer | undefined } {
    const fields: Field[] = [];
    if (response.status >= 300 && response.status < 400)
      throw new MediaFailure('redirect_refused', 'the camera redirects to another address');
    if (response.status !== 200) {
      // A camera may refuse a keep-alive; a refused description or set-up is the end.
      if (['DESCRIBE', 'SETUP', 'PLAY'].includes(request.method))
        this.#ports.onFailure(
          new MediaFailure(
            refusalOf(response.status),
            `the camera answers ${response.status} to ${request.method}`,
          ),
        );
      return { fields, body: undefined };
    }
    const session = header(response, 'session');
    if (session !== undefined) fields.push(['Session', session]);
    if (request.method === 'OPTIONS') fields.push(['Public', [...METHODS].join(', ')]);
    if (request.method === 'SETUP') fields.push(['Transport', interleaved(header(response, 'transport'))]);
    if (request.method !== 'DESCRIBE') return { fields, body: undefined };

    const text = response.body.toString('latin1');
    const track = videoTrack(text);
    if (!track) throw new MediaFailure('unsupported', 'the camera offers no video');
    this.#base = contentBase(
      this.#ports.cameraUrl,
      header(response, 'content-base') ?? header(response, 'content-location'),
    );
    this.#track = controlUrl(this.#base, track.control);
    this.#ports.onTrack(track);
    fields.push(['Content-Type', 'application/sdp'], ['Content-Base', `${this.#ports.relayUrl}/`]);
    return { fields, body: Buffer.from(rewriteSdp(text, TRACK), 'latin1') };
  }
}

/** Header fields of FFmpeg that the camera gets to see. */
function crossing(request: RtspRequest): Field[] {
  const fields: Field[] = [];
  for (const name of ['Accept', 'Session', 'Range']) {
    const value = header(request, name);
    if (value !== undefined) fields.push([name, value]);
  }
  const transport = header(request, 'transport');
  if (transport !== undefined) fields.push(['Transport', interleaved(transport)]);
  return fields;
}

/**
 * The transport reduced to TCP interleaved. A camera that answers with UDP, with a destination or with
 * multicast would send packets where nobody asked for them.
 */
function interleaved(transport: string | undefined): string {
  const channels = /interleaved=(\d{1,3})-(\d{1,3})/i.exec(transport ?? '');
  if (!channels || !/^RTP\/AVP\/TCP/i.test(transport ?? ''))
    throw new MediaFailure('unsupported', 'the camera does not offer RTP over the RTSP connection');
  const ssrc = /;ssrc=([0-9a-f]{1,8})/i.exec(transport ?? '');
  return `RTP/AVP/TCP;unicast;interleaved=${channels[1]}-${channels[2]}${ssrc ? `;ssrc=${ssrc[1]}` : ''}`;
}

const reason = (response: RtspResponse) => response.reason.replace(/[^\x20-\x7e]/g, '').slice(0, 80);
