import { createHash } from 'node:crypto';

export interface Challenge {
  scheme: 'basic' | 'digest';
  realm: string;
  nonce: string;
  opaque: string | undefined;
  /** Upper case; empty = not named, which means MD5. */
  algorithm: string;
  qop: readonly string[];
  stale: boolean;
}

export interface Credential {
  username: string;
  password: string;
}

/** Best first: whoever offers SHA-256 and Basic together gets SHA-256. */
const STRENGTH = ['SHA-256', 'SHA-256-SESS', 'MD5', 'MD5-SESS', ''];

/** Reads the values of `WWW-Authenticate`. Unknown schemes and broken ones are left out. */
export function readChallenges(values: readonly string[]): Challenge[] {
  const found: Challenge[] = [];
  for (const value of values) {
    // One header may carry several challenges: a token followed by a space and not by `=` starts the next.
    const starts = [...value.matchAll(/(?:^|,)\s*(basic|digest)\s+/gi)];
    for (const [index, start] of starts.entries()) {
      const from = start.index + start[0].length;
      const parameters = readParameters(value.slice(from, starts[index + 1]?.index ?? value.length));
      const challenge: Challenge = {
        scheme: start[1]?.toLowerCase() === 'digest' ? 'digest' : 'basic',
        realm: parameters.get('realm') ?? '',
        nonce: parameters.get('nonce') ?? '',
        opaque: parameters.get('opaque'),
        algorithm: (parameters.get('algorithm') ?? '').toUpperCase(),
        qop: (parameters.get('qop') ?? '')
          .split(',')
          .map((item) => item.trim().toLowerCase())
          .filter((item) => item !== ''),
        stale: parameters.get('stale')?.toLowerCase() === 'true',
      };
      if (challenge.scheme === 'basic' || challenge.nonce !== '') found.push(challenge);
    }
  }
  return found;
}

function readParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const match of text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g)) {
    const value = match[2] === undefined ? (match[3] ?? '') : match[2].replace(/\\(.)/g, '$1');
    parameters.set((match[1] ?? '').toLowerCase(), value);
  }
  return parameters;
}

/** The challenge to answer: the strongest that we can; undefined when there is none. */
export function strongest(challenges: readonly Challenge[]): Challenge | undefined {
  const usable = challenges.filter(
    (challenge) =>
      challenge.scheme === 'basic' ||
      (STRENGTH.includes(challenge.algorithm) &&
        (challenge.qop.length === 0 || challenge.qop.includes('auth'))),
  );
  const rank = (challenge: Challenge) =>
    challenge.scheme === 'basic' ? STRENGTH.length : STRENGTH.indexOf(challenge.algorithm);
  return usable.sort((a, b) => rank(a) - rank(b))[0];
}

/**
 * The value of `Authorization` (RFC 7616, RFC 7617).
 * `count` is the number of times this nonce has been used, from 1; `cnonce` is fresh and random.
 */
export function authorization(
  challenge: Challenge,
  credential: Credential,
  request: { method: string; url: string; count: number; cnonce: string },
): string {
  // Header text is one character per byte here, as it came; so UTF-8 is spelled out byte by byte.
  const [username, password] = [octets(credential.username), octets(credential.password)];
  if (challenge.scheme === 'basic')
    return `Basic ${Buffer.from(`${username}:${password}`, 'latin1').toString('base64')}`;
  const algorithm = challenge.algorithm === '' ? 'MD5' : challenge.algorithm;
  const hash = (text: string) =>
    createHash(algorithm.startsWith('SHA-256') ? 'sha256' : 'md5')
      .update(text, 'latin1')
      .digest('hex');
  const secret = hash(`${username}:${challenge.realm}:${password}`);
  const first = algorithm.endsWith('-SESS') ? hash(`${secret}:${challenge.nonce}:${request.cnonce}`) : secret;
  const second = hash(`${request.method}:${request.url}`);
  const count = request.count.toString(16).padStart(8, '0');
  const withQop = challenge.qop.includes('auth');
  const response = withQop
    ? hash(`${first}:${challenge.nonce}:${count}:${request.cnonce}:auth:${second}`)
    : hash(`${first}:${challenge.nonce}:${second}`);
  const parts = [
    `username="${quoted(username)}"`,
    `realm="${quoted(challenge.realm)}"`,
    `nonce="${quoted(challenge.nonce)}"`,
    `uri="${request.url}"`,
    `response="${response}"`,
  ];
  // Some old cameras choke on an algorithm they did not name themselves.
  if (challenge.algorithm !== '') parts.push(`algorithm=${challenge.algorithm.replace('SESS', 'sess')}`);
  if (challenge.opaque !== undefined) parts.push(`opaque="${quoted(challenge.opaque)}"`);
  if (withQop || algorithm.endsWith('-SESS')) parts.push(`cnonce="${request.cnonce}"`);
  if (withQop) parts.push('qop=auth', `nc=${count}`);
  return `Digest ${parts.join(', ')}`;
}

const octets = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

const quoted = (text: string) => text.replace(/["\\]/g, '\\$&');
