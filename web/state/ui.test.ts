import { beforeEach, expect, it } from 'vitest';
import { DEFAULT_UI, isDomainShown, isLayerOn, loadUi, saveUi, setLayer, toggleDomain, useUi } from './ui.ts';

function memory(): Storage {
  const map = new Map<string, string>();
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
    clear: () => map.clear(),
    key: (n) => [...map.keys()][n] ?? null,
    get length() {
      return map.size;
    },
  };
}

beforeEach(() => useUi.setState({ ...DEFAULT_UI, mutedUntilMs: null, viewport: null }));

it('keeps the settings of each person apart in one browser', () => {
  const storage = memory();
  useUi.setState({ theme: 'light', sideWidthPx: 500 });
  saveUi(storage, 'linh');
  useUi.setState({ ...DEFAULT_UI });
  saveUi(storage, 'nam');
  loadUi(storage, 'linh');
  expect(useUi.getState()).toMatchObject({ theme: 'light', sideWidthPx: 500 });
  loadUi(storage, 'nam');
  expect(useUi.getState()).toMatchObject({ theme: 'dark', sideWidthPx: DEFAULT_UI.sideWidthPx });
});

it('lets the sign-in page wear the last person’s theme and language, and nothing else of theirs', () => {
  const storage = memory();
  useUi.setState({ theme: 'light', language: 'en', sideWidthPx: 600 });
  saveUi(storage, 'linh');
  useUi.setState({ ...DEFAULT_UI });
  loadUi(storage, null);
  expect(useUi.getState()).toMatchObject({
    theme: 'light',
    language: 'en',
    sideWidthPx: DEFAULT_UI.sideWidthPx,
  });
});

it('falls back value by value when the stored text is broken or from another release', () => {
  const storage = memory();
  storage.setItem(
    'haidang.ui.linh',
    '{"theme":"purple","listShare":7,"sideWidthPx":450,"layers":[1],"legendOpen":"yes"}',
  );
  loadUi(storage, 'linh');
  expect(useUi.getState()).toMatchObject({ ...DEFAULT_UI, sideWidthPx: 450 });
  storage.setItem('haidang.ui.linh', 'not json');
  loadUi(storage, 'linh');
  expect(useUi.getState().theme).toBe('dark');
});

it('remembers only the layers that differ from their default', () => {
  expect(isLayerOn(useUi.getState(), { id: 'names', defaultOn: true })).toBe(true);
  setLayer('names', false);
  expect(isLayerOn(useUi.getState(), { id: 'names', defaultOn: true })).toBe(false);
});

it('always shows what belongs to no domain', () => {
  toggleDomain('traffic');
  expect(isDomainShown(useUi.getState(), 'traffic')).toBe(false);
  expect(isDomainShown(useUi.getState(), null)).toBe(true);
  toggleDomain('traffic');
  expect(isDomainShown(useUi.getState(), 'traffic')).toBe(true);
});
