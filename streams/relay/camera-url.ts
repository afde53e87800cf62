import { MediaFailure } from '../failure.ts';

export interface CameraUrl {
  host: string;
  port: number;
  /** What goes into request lines: never holds a credential. */
  url: string;
}

/**
 * Reads `rtsp://host[:port]/path`. Throws `MediaFailure('invalid_source')` for another scheme, a credential
 * in the URL (that belongs in the secret store), or characters that could end a request line.
 */
export function readCameraUrl(text: string): CameraUrl {
  const refuse = (why: string): never => {
    throw new MediaFailure('invalid_source', `camera address: ${why}`);
  };
  if (/[^\x21-\x7e]/.test(text)) refuse('spaces and control characters are not allowed');
  const match = /^rtsp:\/\/(\[[0-9a-f:.%]+\]|[^/?#:[\]]+)(?::(\d{1,5}))?([/?][^#]*)?$/i.exec(text);
  if (text.includes('@') && /^[^/]*\/\/[^/]*@/.test(text)) refuse('the credential must not be in the URL');
  if (!match) return refuse('expected rtsp://host[:port]/path');
  const [, host = '', portText, path = '/'] = match;
  const port = portText === undefined ? 554 : Number(portText);
  if (port < 1 || port > 65_535) refuse('port out of range');
  return { host, port, url: `rtsp://${host}${portText === undefined ? '' : `:${port}`}${path}` };
}
