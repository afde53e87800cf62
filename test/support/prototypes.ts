import { afterAll, expect } from 'vitest';

/**
 * Runs with every test file: what all objects inherit is after the tests as it was before, whatever hostile body,
 * message or file they were about.
 */
const INHERITED = {
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  RegExp,
  Date,
  Map,
  Set,
  Promise,
  Error,
};

const everything = () =>
  Object.entries(INHERITED).flatMap(([name, { prototype }]) =>
    Reflect.ownKeys(prototype).map((key) => {
      const { value, get } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
      return { name: `${name}.prototype.${String(key)}`, is: value ?? get };
    }),
  );

const before = new Map(everything().map(({ name, is }) => [name, is]));
afterAll(() => {
  const changed = everything().filter(({ name, is }) => !before.has(name) || before.get(name) !== is);
  expect(changed.map(({ name }) => name)).toEqual([]);
});
