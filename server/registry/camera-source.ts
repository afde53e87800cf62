import type { CameraSource, CameraSourceInput } from '../../core/api/cameras.ts';
import { AppError } from '../../core/errors.ts';
import type { StoredSource } from './sql/cameras.ts';

export interface CameraCredential {
  username: string;
  password: string;
}

const refuse = (why: string): never => {
  throw new AppError('camera.address_refused', { detail: `source.url: ${why}` });
};

/**
 * Takes a source apart into what is stored in the open and the credential for the secret store. A credential inside
 * an RTSP address is moved; named ones go before it. Throws `camera.address_refused`.
 */
export function splitSource(input: CameraSourceInput): {
  source: StoredSource;
  credential: CameraCredential | undefined;
} {
  if (input.kind !== 'rtsp') return { source: input, credential: undefined };
  const { url, ...found } = splitAddress(input.url);
  const username = input.username ?? found.username;
  const password = input.password ?? found.password;
  const credential =
    username === undefined && password === undefined
      ? undefined
      : { username: username ?? '', password: password ?? '' };
  return { source: { kind: 'rtsp', url }, credential };
}

/** `rtsp://user:p%40ss@host:554/path` → the address without the person, and the person. */
function splitAddress(text: string): { url: string; username?: string; password?: string } {
  if (/[^\x21-\x7e]/.test(text)) refuse('spaces and control characters are not allowed');
  const match = /^(rtsp:\/\/)([^/?#]*)(.*)$/i.exec(text);
  if (!match) return refuse('expected rtsp://host[:port]/path');
  const [, scheme = '', authority = '', rest = ''] = match;
  // The last @: a password may hold one that was not escaped, a host cannot.
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const found = /^(\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(host);
  if (!found) return refuse('expected a host name or address');
  const port = found[2] === undefined ? 554 : Number(found[2]);
  if (port < 1 || port > 65_535) refuse('the port is out of range');
  if (rest.includes('#')) refuse('a fragment has no meaning here');
  const url = `${scheme.toLowerCase()}${host}${rest}`;
  if (at < 0) return { url };
  const person = authority.slice(0, at);
  const colon = person.indexOf(':');
  const username = decoded(colon < 0 ? person : person.slice(0, colon));
  return colon < 0 ? { url, username } : { url, username, password: decoded(person.slice(colon + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A bare % in a password: it was meant as it stands.
    return text;
  }
}

/** Host and port: when they change, an old credential must not be sent to the new place. */
export function endpointOf(source: StoredSource): string {
  return source.kind === 'rtsp'
    ? (/^rtsp:\/\/([^/?#]*)/i.exec(source.url)?.[1]?.toLowerCase() ?? '')
    : source.kind;
}

/** What may be shown of a source. */
export function shownSource(source: StoredSource, hasCredential: boolean): CameraSource {
  const address = source.kind === 'rtsp' ? source.url : source.kind === 'file' ? source.path : source.scene;
  return { kind: source.kind, address, hasCredential };
}
