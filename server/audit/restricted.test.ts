import { describe, expect, it } from 'vitest';
import type { AuditEntry, AuditNoteOptions, AuditTrail } from '../../core/ports.ts';
import { callerWith } from '../../test/support/seed.ts';
import { createRestrictedReads } from './restricted.ts';

function reads(note: AuditTrail['note'] = async () => undefined) {
  const noted: [AuditEntry, AuditNoteOptions | undefined][] = [];
  const check = createRestrictedReads({
    trail: {
      record: async () => undefined,
      async note(entry, how) {
        noted.push([entry, how]);
        await note(entry, how);
      },
    },
    classOfDevice: (id) => (id === 'quiet' ? 'restricted' : 'internal'),
  });
  return { noted, check: (path: string, answer: unknown) => check(callerWith('admin'), path, answer) };
}

describe('reading restricted rows', () => {
  it('leaves an entry that must be kept, with the ids of a list', async () => {
    const { noted, check } = reads();
    await check('/cameras', {
      items: [
        { id: 'gate', class: 'restricted', areaId: 'a', name: 'Cổng' },
        { id: 'road', class: 'internal' },
      ],
    });
    expect(noted).toMatchObject([
      [
        {
          action: 'restricted.read',
          object: { type: 'camera', id: 'list' },
          place: { areaId: 'a', class: 'restricted' },
          after: { rows: 1, ids: ['gate'] },
        },
        { must: true },
      ],
    ]);
  });

  it('names the one that was opened', async () => {
    const { noted, check } = reads();
    await check('/devices/quiet', { id: 'quiet', name: 'Trạm', class: 'restricted' });
    expect(noted[0]?.[0].object).toEqual({ type: 'device', id: 'quiet', name: 'Trạm' });
  });

  it('knows readings by their device', async () => {
    const { noted, check } = reads();
    await check('/devices/quiet/observations', { items: [{ time: 't', value: 1 }] });
    await check('/devices/loud/observations', { items: [{ time: 't', value: 1 }] });
    await check('/latest', { items: [{ deviceId: 'loud' }, { deviceId: 'quiet' }] });
    expect(noted.map(([entry]) => entry.object?.id)).toEqual(['quiet', 'list']);
    expect(noted[1]?.[0].after).toEqual({ rows: 1, ids: ['quiet'] });
  });

  it('leaves nothing for other rows and other addresses', async () => {
    const { noted, check } = reads();
    await check('/devices', { items: [{ id: 'x', class: 'internal' }] });
    await check('/me', { class: 'restricted' });
    await check('/devices', null);
    expect(noted).toEqual([]);
  });

  it('fails when it could not be written down', async () => {
    const { check } = reads(async () => {
      throw new Error('no database');
    });
    await expect(check('/units/u1', { id: 'u1', class: 'restricted' })).rejects.toThrow('no database');
  });
});
