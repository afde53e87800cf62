import { BlockList, isIP } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { MediaFailure } from '../failure.ts';

export interface Pinned {
  address: string;
  family: 4 | 6;
}

/** Resolves a host name to all its addresses; the system's resolver in production. */
export type Lookup = (host: string) => Promise<readonly Pinned[]>;

export interface AddressPolicy {
  allows(address: string): boolean;
}

/**
 * Ranges that no camera lives in and that an attacker would like to reach: this machine, link-local
 * (with the metadata services of clouds at 169.254.169.254 and fd00:ec2::254), multicast, reserved.
 */
const SPECIAL: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['::1', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  // Translations that smuggle an IPv4 address past a check of IPv6 ranges.
  ['64:ff9b::', 96, 'ipv6'],
  ['2002::', 16, 'ipv6'],
];

/**
 * With subnets: exactly those, even a special one, because somebody wrote it down.
 * Without: every address except the special ranges. Throws on a CIDR block that is none.
 */
export function createAddressPolicy(subnets: readonly string[]): AddressPolicy {
  const list = new BlockList();
  for (const cidr of subnets) {
    const [address = '', bits = ''] = cidr.split('/');
    const family = isIP(address);
    const prefix = bits === '' ? (family === 4 ? 32 : 128) : Number(bits);
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128))
      throw new MediaFailure('invalid_source', `not a CIDR block: ${cidr}`);
    list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  if (subnets.length === 0) for (const [net, prefix, family] of SPECIAL) list.addSubnet(net, prefix, family);
  return {
    allows(address) {
      const plain = withoutMapping(address);
      const family = isIP(plain);
      // A zone (`fe80::1%eth0`) names an interface of this machine: never a camera's address.
      if (family === 0 || plain.includes('%')) return false;
      const listed = list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
      return subnets.length === 0 ? !listed : listed;
    },
  };
}

/** `::ffff:127.0.0.1` and `::ffff:7f00:1` are the IPv4 address they carry. */
function withoutMapping(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (dotted?.[1]) return dotted[1];
  const hex = /^(?:0*:){0,4}:?ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (!hex) return address;
  const high = Number.parseInt(hex[1] ?? '0', 16);
  const low = Number.parseInt(hex[2] ?? '0', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

export interface PinPorts {
  clock: Clock;
  policy: AddressPolicy;
  lookup: Lookup;
  /** A resolver that is away answers after half a minute; nobody waits that long for a picture. */
  answerMs: number;
}

/**
 * Resolves a host once and returns the address to dial. One refused address among several refuses all:
 * a name that points both outside and inside is an attack or a mistake. Throws `MediaFailure`:
 * `unreachable`, `timeout`, `address_refused`.
 */
export async function pinAddress(host: string, ports: PinPorts): Promise<Pinned> {
  const found = await resolveInTime(host.replace(/^\[|\]$/g, ''), ports);
  const [first] = found;
  if (!first) throw new MediaFailure('unreachable', 'the host name does not resolve');
  for (const { address } of found)
    if (!ports.policy.allows(address))
      throw new MediaFailure('address_refused', 'the address is outside the allowed networks');
  return first;
}

function resolveInTime(host: string, { clock, lookup, answerMs }: PinPorts): Promise<readonly Pinned[]> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(answerMs, () =>
      reject(new MediaFailure('timeout', 'the host name was not resolved in time')),
    );
    void lookup(host)
      .catch(() => [])
      .then(resolve)
      .finally(cancel);
  });
}
