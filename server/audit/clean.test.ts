import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, type AuditAction } from '../../core/audit-actions.ts';
import type { AuditEntry } from '../../core/ports.ts';
import { cpuMsOf } from '../../test/support/cpu.ts';
import { canonicalJson, type Json } from './canonical.ts';
import { cleanObject, cleanText } from './clean.ts';
import { prepareEntry } from './entry.ts';

const NONE: ReadonlySet<string> = new Set();

describe('the canonical form', () => {
  it('is that of RFC 8785 on its own example', () => {
    const value = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\u0022/",
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts members by UTF-16 code units, as RFC 8785 shows', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    expect(Object.keys(JSON.parse(text) as object)).toHaveLength(keys.length);
    expect([...text.matchAll(/"((?:[^"\\]|\\.)*)":/g)].map((match) => JSON.parse(`"${match[1]}"`))).toEqual([
      '\r',
      '1',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\u{1f600}',
      '\ufb33',
    ]);
  });

  it('does not depend on the order of members and survives a way through JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      }),
    );
  });
});

describe('what an entry keeps', () => {
  it('never holds the value of a field that is named like a secret', () => {
    const names = [
      'password',
      'newPassword',
      'secret',
      'accessToken',
      'credential',
      'otp',
      'apiKey',
      'api_key',
    ];
    const secret = 'hunter2-hunter2';
    for (const name of names) {
      for (const value of [secret, { inner: secret }, [secret]]) {
        expect(canonicalJson(cleanObject({ deep: { [name]: value } }, NONE))).not.toContain(secret);
      }
    }
    expect(cleanObject({ hasCredential: true, password: null }, NONE)).toEqual({
      hasCredential: true,
      password: null,
    });
  });

  it('never holds credentials of addresses, whatever the field', () => {
    expect(cleanText('rtsp://admin:hunter2@10.0.0.1/live?token=abc&x=1')).toBe(
      'rtsp://***@10.0.0.1/live?token=***&x=1',
    );
  });

  it('says of a restricted field that it was there, and not what', () => {
    expect(cleanObject({ phone: '0912', name: 'Lan', note: null }, new Set(['phone', 'note']))).toEqual({
      phone: '[restricted]',
      name: 'Lan',
      note: null,
    });
  });

  it('is bounded, whatever comes in', () => {
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field${i}`, 'x'.repeat(5000)]));
    let deep: object = { end: 1 };
    for (let i = 0; i < 1000; i++) deep = { deep };
    const entry = (after: object): AuditEntry => ({ by: null, action: 'system.start', after });
    for (const after of [wide, deep, { list: Array.from({ length: 10_000 }, () => 'x'.repeat(100)) }])
      expect(prepareEntry(entry(after), 0).text.length).toBeLessThan(9000);
  });

  it('is made in time that grows with the length of a text, not with its square', () => {
    const cleanAll = () => {
      for (const text of ['a', 'a:', 'a://', '?token=']) cleanText(text.repeat(1_000_000));
    };
    // By its square this takes hours.
    expect(cpuMsOf(cleanAll)).toBeLessThan(5000);
  });

  it('is text that PostgreSQL takes, whatever people type', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.anything(), (text, thing) => {
        const { text: canonical } = prepareEntry(
          {
            by: { username: text, userId: text, origin: { ip: text, requestId: text } },
            action: 'account.change',
            object: { type: 'account', id: text, name: text },
            after: { thing, text },
            reason: text,
          },
          0,
        );
        expect(canonical.isWellFormed()).toBe(true);
        expect(canonical).not.toContain('\\u0000');
        expect(canonicalJson(JSON.parse(canonical) as Json)).toBe(canonical);
      }),
    );
  });

  it('is as the action says: a change, facts, or nothing', () => {
    const before = { a: 1, same: true };
    const after = { a: 2, same: true };
    for (const action of Object.keys(AUDIT_ACTIONS) as AuditAction[]) {
      const entry = JSON.parse(prepareEntry({ by: null, action, before, after }, 0).text) as object;
      const kept = {
        change: { before: { a: 1 }, after: { a: 2 } },
        facts: { after: { a: 2, same: true } },
        nothing: {},
      }[AUDIT_ACTIONS[action].keeps];
      expect(entry).toEqual({
        at: '1970-01-01T00:00:00.000Z',
        action,
        actorId: 'system',
        actorName: 'haidang',
        ...kept,
      });
    }
  });
});
