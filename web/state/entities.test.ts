import { expect, it } from 'vitest';
import { createEntities } from './entities.ts';

interface Row {
  id: string;
  age: number;
}

const table = () =>
  createEntities<string, Row>({
    keyOf: (row) => row.id,
    newer: (present, arriving) => (arriving.age > present.age ? arriving : present),
  });

it('names the keys that a change touched, and only when something changed', () => {
  const rows = table();
  rows.replaceAll([{ id: 'a', age: 1 }], { nowMs: 5 });
  expect(rows.getState()).toMatchObject({ status: 'ready', changed: null, loadedAtMs: 5 });
  rows.put([
    { id: 'a', age: 2 },
    { id: 'b', age: 1 },
  ]);
  expect(rows.getState().changed).toEqual(['a', 'b']);
  const before = rows.getState().byId;
  rows.put([{ id: 'a', age: 1 }]);
  expect(rows.getState().byId).toBe(before);
  rows.remove(['nobody']);
  expect(rows.getState().byId).toBe(before);
  rows.remove(['a']);
  expect([...rows.getState().byId.keys()]).toEqual(['b']);
});

it('keeps a younger row that arrived while the full load was under way, and drops what the load no longer has', () => {
  const rows = table();
  rows.put([
    { id: 'a', age: 9 },
    { id: 'gone', age: 9 },
  ]);
  rows.replaceAll([
    { id: 'a', age: 3 },
    { id: 'c', age: 1 },
  ]);
  expect(Object.fromEntries([...rows.getState().byId].map(([id, row]) => [id, row.age]))).toEqual({
    a: 9,
    c: 1,
  });
});
