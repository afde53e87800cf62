import { z } from 'zod';
import { Position, SEVERITIES, Severity } from './api/common.ts';

/**
 * The province profile: everything about one province that is no row of the database. A thin form for now; later
 * issues add keys, and every key they add has a default, so that a profile written today stays valid.
 */
const Id = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'small letters, digits, _ and -, at most 64');
const Name = z.string().min(1).max(200);

const BODY_TYPES = [
  'ppc',
  'office',
  'department',
  'public_unit',
  'party',
  'council',
  'police',
  'statistics',
  'district',
  'commune',
  'provider',
  'enterprise',
] as const;

const Body = z.strictObject({
  id: Id,
  nameVi: Name,
  nameEn: Name,
  type: z.enum(BODY_TYPES),
  parent: Id.optional(),
  area: z.string().min(1).max(64).optional().describe('code of the area it answers for'),
});

const Domain = z.strictObject({
  id: Id,
  nameVi: Name,
  nameEn: Name,
  icon: Id.describe('name of a Tabler outline icon'),
  enabled: z.boolean().default(true),
  lead: Id.optional().describe('body that answers for it'),
  deviceTypes: z
    .array(Id)
    .default([])
    .describe('types whose devices belong here unless their registration says otherwise'),
});

const UnitKind = z.strictObject({ id: Id, nameVi: Name, nameEn: Name });
const SeverityName = z.strictObject({ id: Severity, nameVi: Name, nameEn: Name });

const Shape = z.strictObject({
  schemaVersion: z.literal(1),
  code: z
    .string()
    .regex(/^[A-Z]{1,4}$/, 'one to four capitals')
    .describe('short code of the centre, not the national code of the province'),
  sample: z.boolean().default(false).describe('true = an invented province; the console says so everywhere'),
  province: z.strictObject({
    nameVi: Name,
    nameEn: Name,
    timezone: z.string().refine(isTimezone, 'not a time zone of the IANA list').default('Asia/Ho_Chi_Minh'),
    locale: z.string().default('vi-VN'),
    mapCenter: Position,
    mapZoom: z.number().min(3).max(18),
    mapFolder: z
      .string()
      .regex(/^[a-z0-9-]+$/, 'a folder beside the profile')
      .optional()
      .describe('folder with the map layers of this province, see config/README.md'),
  }),
  centre: z.strictObject({
    nameVi: Name,
    shortVi: Name,
    nameEn: Name,
    nature: z.enum(['place', 'organisation', 'system']).default('system'),
  }),
  bodies: z.array(Body).min(1),
  roles: z.strictObject({
    ownerAuthority: Id,
    supervisingAgency: Id,
    managingUnit: Id,
    leadershipAudience: z.array(Id).default([]),
  }),
  domains: z.array(Domain).min(1),
  alerts: z.strictObject({ severities: z.array(SeverityName) }),
  access: z
    .strictObject({
      delegationDays: z.number().int().min(1).max(1096).default(366).describe('longest delegation'),
      mutualAidHours: z.number().int().min(1).max(720).default(72).describe('longest help by another agency'),
      breakGlassHours: z.number().int().min(1).max(72).default(8).describe('longest emergency access'),
    })
    .prefault({}),
  dispatch: z.strictObject({
    unitKinds: z.array(UnitKind).min(1),
    suitability: z.record(Id, z.array(Id).min(1)).describe('domain → kinds of unit, the most suitable first'),
  }),
});

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The profile as its file says it, checked in itself: every reference leads somewhere, nothing is named twice. */
export const ProvinceProfile = Shape.superRefine((profile, ctx) => {
  const problem = (path: (string | number)[], message: string) =>
    ctx.addIssue({ code: 'custom', path, message });
  const unique = (items: readonly { id: string }[], path: (string | number)[]) => {
    const seen = new Set<string>();
    for (const [i, item] of items.entries()) {
      if (seen.has(item.id)) problem([...path, i, 'id'], `"${item.id}" is there twice`);
      seen.add(item.id);
    }
    return seen;
  };
  const bodies = unique(profile.bodies, ['bodies']);
  const domains = unique(profile.domains, ['domains']);
  const kinds = unique(profile.dispatch.unitKinds, ['dispatch', 'unitKinds']);
  unique(profile.alerts.severities, ['alerts', 'severities']);

  const known = (
    id: string | undefined,
    of: ReadonlySet<string>,
    what: string,
    path: (string | number)[],
  ) => {
    if (id !== undefined && !of.has(id)) problem(path, `no ${what} "${id}"; known: ${[...of].join(', ')}`);
  };
  for (const [i, body] of profile.bodies.entries())
    known(body.parent, bodies, 'body', ['bodies', i, 'parent']);
  for (const role of ['ownerAuthority', 'supervisingAgency', 'managingUnit'] as const)
    known(profile.roles[role], bodies, 'body', ['roles', role]);
  for (const [i, id] of profile.roles.leadershipAudience.entries())
    known(id, bodies, 'body', ['roles', 'leadershipAudience', i]);
  for (const [i, domain] of profile.domains.entries())
    known(domain.lead, bodies, 'body', ['domains', i, 'lead']);
  for (const [domain, suited] of Object.entries(profile.dispatch.suitability)) {
    known(domain, domains, 'domain', ['dispatch', 'suitability', domain]);
    for (const [i, kind] of suited.entries())
      known(kind, kinds, 'unit kind', ['dispatch', 'suitability', domain, i]);
  }
  for (const severity of SEVERITIES)
    if (!profile.alerts.severities.some((s) => s.id === severity))
      problem(['alerts', 'severities'], `"${severity}" has no name`);
});
export type ProvinceProfile = z.output<typeof ProvinceProfile>;

/** How well a kind of unit suits a domain: 0 = best, undefined = not at all. Domains without a list take any kind. */
export function suitability(profile: ProvinceProfile, domain: string, unitKind: string): number | undefined {
  const suited = profile.dispatch.suitability[domain];
  if (!suited) return 0;
  const rank = suited.indexOf(unitKind);
  return rank < 0 ? undefined : rank;
}
