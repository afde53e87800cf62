import type { Selected } from '../state/index.ts';

const PAGES = [
  'map',
  'alarms',
  'figures',
  'rules',
  'units',
  'cameras',
  'devices',
  'quarantine',
  'users',
  'services',
  'powers',
  'accounts',
  'account',
  'audit',
  'activity',
  'personal',
  'system',
] as const;
export type Page = (typeof PAGES)[number];

const KINDS = ['alert', 'device', 'camera', 'unit', 'area'] as const;

export function pageOf(path: string): Page {
  const name = path.replace(/^\/|\/$/g, '');
  return PAGES.find((page) => page === name) ?? 'map';
}

export function pathOf(page: Page): string {
  return page === 'map' ? '/' : `/${page}`;
}

export function selectedOf(search: string): Selected | null {
  const query = new URLSearchParams(search);
  for (const kind of KINDS) {
    const id = query.get(kind);
    if (id === null) continue;
    if (kind !== 'alert') return { kind, id };
    if (/^\d{1,15}$/.test(id)) return { kind, id: Number(id) };
  }
  return null;
}

export function searchOf(selected: Selected | null): string {
  return selected ? `?${new URLSearchParams({ [selected.kind]: String(selected.id) })}` : '';
}
