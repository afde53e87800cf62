import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AUDIENCES, LIVE_TOPICS } from '../../core/events.ts';
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES } from '../../core/permissions.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the documentation of access', () => {
  it('shows the permissions of each role as the code has them', () => {
    const rows = PERMISSIONS.map(
      (permission) =>
        `| \`${permission}\` |${ROLES.map((role) => (ROLE_PERMISSIONS[role].has(permission) ? ' ● |' : ' |')).join('')}`,
    );
    const text = read('access.md');
    expect(text).toContain(`| permission | ${ROLES.join(' | ')} |`);
    expect(rows.filter((row) => !text.includes(`\n${row}\n`))).toEqual([]);
    expect(text.match(/^\| `[a-z]+\.[a-z]+` \|/gm)?.length).toBe(PERMISSIONS.length);
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
