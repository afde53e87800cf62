import { createSocket } from 'node:dgram';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../../core/clock.ts';
import { memorySecrets } from '../../../test/support/secrets.ts';
import { sha256Hex } from '../canonical.ts';
import { readEvidence } from './evidence.ts';
import { openSigner, readKeys, type Signer } from './keys.ts';
import type { AnchorDraft } from './line.ts';
import { openAnchorLog, readAnchorFiles } from './log.ts';
import { openTarget } from './targets.ts';

describe('the anchor files', () => {
  let folder: string;
  let signer: Signer;
  const clock = manualClock(0);

  beforeEach(async () => {
    clock.set(Date.parse('2026-11-22T01:00:00Z'));
    folder = mkdtempSync(join(tmpdir(), 'haidang-anchors-'));
    signer = await openSigner(memorySecrets(), folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = () => openAnchorLog({ folder, signer, nowMs: () => clock.now() });
  const anchor = (seq: number, from = seq): AnchorDraft => ({
    type: 'anchor',
    at: new Date(clock.now()).toISOString(),
    chain: 'centre',
    from,
    seq,
    hash: sha256Hex(String(seq)),
    rows: Buffer.concat(
      Array.from({ length: seq - from + 1 }, (_, i) =>
        Buffer.from(sha256Hex(String(from + i)), 'hex').subarray(0, 6),
      ),
    ).toString('base64url'),
  });
  const evidence = () => readEvidence(readAnchorFiles(folder), readKeys(folder));
  const files = () => readdirSync(folder).filter((file) => file.endsWith('.jsonl'));

  it('go on in a new file each month, chained to the last line of the one before', () => {
    open().append([anchor(2, 1)]);
    clock.set(Date.parse('2026-12-01T00:00:00Z'));
    const log = open();
    expect(log.heads.get('centre')).toMatchObject({ seq: 2 });
    log.append([anchor(3)]);
    clock.set(Date.parse('2027-01-15T00:00:00Z'));
    // The head of a chain that rested for a month is known from the first line of the file alone.
    log.append([{ ...anchor(1), chain: 'so-a' } as AnchorDraft]);
    expect(open().heads.get('centre')).toMatchObject({ seq: 3 });
    expect(files()).toEqual(['anchors-2026-11.jsonl', 'anchors-2026-12.jsonl', 'anchors-2027-01.jsonl']);
    expect(evidence()).toMatchObject({ lines: 6, problems: [] });
    rmSync(join(folder, 'anchors-2026-12.jsonl'));
    expect(evidence().problems).toEqual([{ file: 'anchors-2027-01.jsonl', line: 1, kind: 'link' }]);
  });

  it('go on in the youngest file when the clock went back a month', () => {
    open().append([anchor(1)]);
    clock.set(Date.parse('2026-10-30T00:00:00Z'));
    open().append([anchor(2)]);
    expect(files()).toEqual(['anchors-2026-11.jsonl']);
    expect(evidence().problems).toEqual([]);
  });

  it('go on behind a line that a crash cut off', () => {
    open().append([anchor(1)]);
    const file = join(folder, 'anchors-2026-11.jsonl');
    const text = readFileSync(file, 'utf8');
    appendFileSync(file, text.split('\n')[1]?.slice(0, 100) ?? '');
    expect(evidence().problems).toEqual([]);
    const log = open();
    expect(log.heads.get('centre')).toMatchObject({ seq: 1 });
    log.append([anchor(2)]);
    log.append([anchor(3)]);
    expect(evidence()).toMatchObject({ lines: 4, problems: [], chains: new Map([['centre', { to: 3 }]]) });
  });

  it('are readable by their owner only, and the key that signs stays out of them', () => {
    open().append([anchor(1)]);
    expect(statSync(join(folder, 'anchors-2026-11.jsonl')).mode & 0o077).toBe(0);
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file), 'utf8')).not.toContain('PRIVATE');
  });

  it('prove nothing to whoever has another key', async () => {
    open().append([anchor(1)]);
    const other = mkdtempSync(join(tmpdir(), 'haidang-anchors-'));
    await openSigner(memorySecrets(), other);
    const { problems, chains } = readEvidence(readAnchorFiles(folder), readKeys(other));
    rmSync(other, { recursive: true });
    expect(problems.map(({ kind }) => kind)).toEqual(['signature', 'signature']);
    expect(chains.size).toBe(0);
  });

  it('say from when on rows are known to be lost after a restoration', () => {
    const log = open();
    log.append([anchor(10, 1)]);
    log.append([
      {
        type: 'restored',
        at: new Date(clock.now()).toISOString(),
        chain: 'centre',
        seq: 7,
        hash: sha256Hex('7'),
        by: 'haidang-cli',
        reason: 'disk failed',
      },
    ]);
    expect(open().heads.get('centre')).toMatchObject({ seq: 7 });
    open().append([anchor(8)]);
    expect(evidence()).toMatchObject({
      problems: [],
      losses: [{ chain: 'centre', from: 8, to: 10, reason: 'disk failed' }],
      chains: new Map([['centre', { to: 8 }]]),
    });
  });

  describe('have a second place', () => {
    it('in another folder, which catches up by itself when it was away', async () => {
      const copy = join(folder, 'share', 'centre');
      const target = openTarget(copy, folder, () => clock.now());
      const log = open();
      log.append([anchor(1)]);
      await target.copy('anchors-2026-11.jsonl', []);
      log.append([anchor(2)]);
      log.append([anchor(3)]);
      await target.copy('anchors-2026-11.jsonl', []);
      const text = (place: string) => readFileSync(join(place, 'anchors-2026-11.jsonl'), 'utf8');
      expect(text(copy)).toBe(text(folder));
      writeFileSync(join(folder, 'anchors-2026-11.jsonl'), 'x');
      await expect(target.copy('anchors-2026-11.jsonl', [])).rejects.toThrow('the original was cut');
    });

    it('at a syslog server, with the head and the hash of the line', async () => {
      const server = createSocket('udp4');
      const messages: string[] = [];
      const received = new Promise<void>((resolve) => {
        server.on('message', (message) => {
          messages.push(message.toString());
          if (messages.length === 2) resolve();
        });
      });
      await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
      const target = openTarget(`syslog://127.0.0.1:${server.address().port}`, folder, () => clock.now());
      const texts = open().append([anchor(1)]);
      await target.copy('anchors-2026-11.jsonl', texts);
      await received;
      server.close();
      const said = messages.find((message) => message.includes('"seq":1')) ?? '';
      expect(said).toMatch(/^<109>1 2026-11-22T01:00:00\.000Z \S+ haidang \d+ anchor - \{/);
      expect(said).toContain(`"line":"${sha256Hex(texts[1] ?? '')}"`);
    });

    it('that is neither, is refused', () => {
      expect(() => openTarget('relative/folder', folder, () => 0)).toThrow('config.invalid');
    });
  });
});
