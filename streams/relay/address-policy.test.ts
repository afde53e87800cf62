import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../core/clock.ts';
import { createAddressPolicy, type Lookup, pinAddress } from './address-policy.ts';

const clock = manualClock(0);
const pin = (host: string, lookup: Lookup) =>
  pinAddress(host, { clock, policy: createAddressPolicy([]), lookup, answerMs: 4000 });

describe('the address policy', () => {
  it('refuses this machine, link-local, metadata, multicast and every way of writing them', () => {
    const policy = createAddressPolicy([]);
    for (const address of [
      '127.0.0.1',
      '127.8.8.8',
      '0.0.0.0',
      '169.254.169.254',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      'fe80::1',
      'fe80::1%eth0',
      'ff02::1',
      'fd00:ec2::254',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '0:0:0:0:0:ffff:7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      'localhost',
      '2130706433',
      '',
    ])
      expect(policy.allows(address), address).toBe(false);
    for (const address of ['10.1.2.3', '192.168.1.20', '203.0.113.7', '2001:db8::7', '::ffff:10.0.0.1'])
      expect(policy.allows(address), address).toBe(true);
  });

  it('with subnets allows exactly those, loopback too when it is written down', () => {
    const policy = createAddressPolicy(['10.20.0.0/16', '127.0.0.0/8', '2001:db8::/32', '192.168.7.9']);
    expect(['10.20.3.4', '127.0.0.1', '2001:db8::1', '192.168.7.9'].every((a) => policy.allows(a))).toBe(
      true,
    );
    expect(['10.21.0.1', '192.168.7.10', '::1', '8.8.8.8'].some((a) => policy.allows(a))).toBe(false);
    expect(() => createAddressPolicy(['10.0.0.0/33'])).toThrow('CIDR');
    expect(() => createAddressPolicy(['camera.local'])).toThrow('CIDR');
  });

  it('agrees with arithmetic on random IPv4 addresses', () => {
    const policy = createAddressPolicy([]);
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0] = address.split('.').map(Number);
        const special =
          a === 0 || a === 127 || (a === 169 && b === 254) || (a === 192 && b === 0 && c === 0) || a >= 224;
        return policy.allows(address) === !special && policy.allows(`::ffff:${address}`) === !special;
      }),
    );
  });

  it('refuses a name of which one address is inside, whatever the others are', async () => {
    const lookup = async () => [
      { address: '203.0.113.7', family: 4 as const },
      { address: '127.0.0.1', family: 4 as const },
    ];
    await expect(pin('rebind.example', lookup)).rejects.toMatchObject({
      code: 'address_refused',
    });
  });

  it('says unreachable for a name without addresses, and timeout for a resolver that is away', async () => {
    await expect(pin('none.example', async () => [])).rejects.toMatchObject({
      code: 'unreachable',
    });
    const fail = async () => {
      throw new Error('ENOTFOUND');
    };
    await expect(pin('none.example', fail)).rejects.toMatchObject({ code: 'unreachable' });
    const never = pin('slow.example', () => new Promise(() => {}));
    clock.advance(4000);
    await expect(never).rejects.toMatchObject({ code: 'timeout' });
  });
});
