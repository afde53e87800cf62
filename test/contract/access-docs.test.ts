import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AUDIENCES, LIVE_TOPICS } from '../../core/events.ts';
import { rolesTable } from '../../tools/roles-table.ts';
import { ROLE_BOOK } from '../support/roles.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the documentation of access', () => {
  it('shows what each role may do as the product has it', () => {
    expect(read('access.md')).toContain(rolesTable(ROLE_BOOK));
  });

  it('names every topic of the live push with its events', () => {
    const text = read('live.md');
    for (const topic of LIVE_TOPICS) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${topic}\` |`)) ?? '';
      const events = Object.entries(AUDIENCES).filter(([, audience]) => audience?.topic === topic);
      expect(events.map(([event]) => event).filter((event) => !row.includes(`\`${event}\``))).toEqual([]);
      expect(row).toContain(`\`${events[0]?.[1]?.permission}\``);
    }
  });
});
