import { create } from 'zustand';
import type { Bbox } from '../../core/reading.ts';

type Theme = 'dark' | 'light';
export type Language = 'vi' | 'en';

/** What a person has set up for themselves; kept in this browser, per user. */
export interface UiSettings {
  theme: Theme;
  language: Language;
  /** Width of the right panel, CSS pixels. */
  sideWidthPx: number;
  /** Share of the right panel's height that the list takes, 0…1. */
  listShare: number;
  sideOpen: boolean;
  timelineOpen: boolean;
  legendOpen: boolean;
  /** Layer id → on or off, only where it differs from the layer's default. */
  layers: Readonly<Record<string, boolean>>;
  /** Domains switched off by their chip. */
  hiddenDomains: readonly string[];
  sound: boolean;
}

export interface UiState extends UiSettings {
  /** Silence ends by itself at this time; null = not silenced. */
  mutedUntilMs: number | null;
  /** What the map shows now: `[west, south, east, north]` in degrees. Written by the map. */
  viewport: { bbox: Readonly<Bbox>; zoom: number } | null;
}

export const SIDE_WIDTH = { min: 320, max: 720, preferred: 404 } as const;

export const DEFAULT_UI: UiSettings = {
  theme: 'dark',
  language: 'vi',
  sideWidthPx: SIDE_WIDTH.preferred,
  listShare: 0.42,
  sideOpen: true,
  timelineOpen: true,
  legendOpen: false,
  layers: {},
  hiddenDomains: [],
  sound: true,
};

export const useUi = create<UiState>(() => ({ ...DEFAULT_UI, mutedUntilMs: null, viewport: null }));

export function isLayerOn(state: UiSettings, layer: { id: string; defaultOn: boolean }): boolean {
  return state.layers[layer.id] ?? layer.defaultOn;
}

export function setLayer(id: string, on: boolean): void {
  useUi.setState((state) => ({ layers: { ...state.layers, [id]: on } }));
}

export function toggleDomain(id: string): void {
  useUi.setState(({ hiddenDomains }) => ({
    hiddenDomains: hiddenDomains.includes(id)
      ? hiddenDomains.filter((other) => other !== id)
      : [...hiddenDomains, id],
  }));
}

/** Things that belong to no domain are always shown. */
export function isDomainShown(state: Pick<UiSettings, 'hiddenDomains'>, domain: string | null): boolean {
  return domain === null || !state.hiddenDomains.includes(domain);
}

const keyOf = (userId: string | null) => (userId === null ? 'haidang.ui' : `haidang.ui.${userId}`);
const KEYS = Object.keys(DEFAULT_UI) as (keyof UiSettings)[];

/** Takes up the settings of a user (null = before sign-in); unknown or broken values fall back one by one. */
export function loadUi(storage: Storage, userId: string | null): void {
  let stored: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(
      storage.getItem(keyOf(userId)) ?? storage.getItem(keyOf(null)) ?? '{}',
    );
    if (typeof parsed === 'object' && parsed !== null) stored = parsed as Record<string, unknown>;
  } catch {
    // Someone else's text under our key: start from the defaults.
  }
  const next: Record<string, unknown> = {};
  for (const key of KEYS) next[key] = isValid(key, stored[key]) ? stored[key] : useUi.getState()[key];
  useUi.setState(next as unknown as UiSettings);
}

export function saveUi(storage: Storage, userId: string | null): void {
  const state = useUi.getState();
  const text = JSON.stringify(Object.fromEntries(KEYS.map((key) => [key, state[key]])));
  try {
    storage.setItem(keyOf(userId), text);
    // The sign-in page speaks the language and wears the theme of whoever was here last.
    if (userId !== null)
      storage.setItem(keyOf(null), JSON.stringify({ theme: state.theme, language: state.language }));
  } catch {
    // Storage full or forbidden: the settings then live as long as the page.
  }
}

function isValid(key: keyof UiSettings, value: unknown): boolean {
  if (key === 'theme') return value === 'dark' || value === 'light';
  if (key === 'language') return value === 'vi' || value === 'en';
  if (key === 'sideWidthPx')
    return typeof value === 'number' && value >= SIDE_WIDTH.min && value <= SIDE_WIDTH.max;
  if (key === 'listShare') return typeof value === 'number' && value >= 0.15 && value <= 0.85;
  if (key === 'layers')
    return (
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((on) => typeof on === 'boolean')
    );
  if (key === 'hiddenDomains') return Array.isArray(value) && value.every((id) => typeof id === 'string');
  return typeof value === 'boolean';
}
