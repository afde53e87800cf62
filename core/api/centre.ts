import { z } from 'zod';
import { Position } from './common.ts';

/** `GET /centre`: what the sign-in page and the header show before anybody has signed in. */
export const Centre = z
  .object({
    code: z.string(),
    nameVi: z.string(),
    nameEn: z.string(),
    shortVi: z.string(),
    province: z.object({
      nameVi: z.string(),
      nameEn: z.string(),
      mapCenter: Position,
      mapZoom: z.number(),
      timezone: z.string(),
      /** Whether `/basemap/province/` has layers of this province; see config/README.md. */
      hasMapLayers: z.boolean(),
    }),
    supervisingAgency: z.object({ id: z.string(), nameVi: z.string(), nameEn: z.string() }),
    domains: z.array(z.object({ id: z.string(), nameVi: z.string(), nameEn: z.string(), icon: z.string() })),
    demo: z.boolean().describe('true = invented sample province, simulated devices'),
    version: z.string(),
  })
  .meta({ id: 'Centre' });
export type Centre = z.infer<typeof Centre>;

export const SystemStatus = z.object({
  startedAt: z.string(),
  devices: z.object({ total: z.number().int(), online: z.number().int() }),
  cameras: z.object({ total: z.number().int(), online: z.number().int() }),
  ingest: z.object({
    receivedTotal: z.number(),
    storedTotal: z.number(),
    duplicateTotal: z.number(),
    quarantinedTotal: z.number(),
    ratePerS: z.number(),
    /** From arrival to commit, milliseconds, over the last minute. */
    delayP50Ms: z.number().nullable(),
    delayP99Ms: z.number().nullable(),
  }),
  health: z.array(
    z.object({
      component: z.string(),
      state: z.enum(['ok', 'degraded', 'down']),
      code: z.string().optional(),
      message: z.object({ vi: z.string(), en: z.string() }),
      since: z.string(),
    }),
  ),
});
export type SystemStatus = z.infer<typeof SystemStatus>;

export const SEARCH_KINDS = ['area', 'device', 'camera', 'unit', 'alert', 'place'] as const;
export const SearchResult = z.object({
  kind: z.enum(SEARCH_KINDS),
  id: z.string(),
  title: z.string(),
  subtitle: z.string(),
  position: Position.nullable(),
});
export type SearchResult = z.infer<typeof SearchResult>;

/** `GET /search`: marks, case and `đ` do not matter; several words may stand in any order. */
export const SearchQuery = z.object({
  q: z.string().min(1).max(100),
  limit: z.coerce.number().int().min(1).max(50).default(20),
  kinds: z
    .string()
    .max(100)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(SEARCH_KINDS)))
    .optional()
    .describe(`comma-separated, of ${SEARCH_KINDS.join(', ')}; absent = all`),
  lang: z.enum(['vi', 'en']).default('vi').describe('of titles and subtitles where both are known'),
});
export const SearchResults = z.object({
  items: z
    .array(SearchResult)
    .describe('best first: exact name, beginning, beginning of a word, inside, words apart'),
});
