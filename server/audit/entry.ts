import { AUDIT_ACTIONS } from '../../core/audit-actions.ts';
import { decidingGrant, type ResourceScope } from '../../core/permissions.ts';
import type { AuditActor, AuditEntry } from '../../core/ports.ts';
import { canonicalObject, type Json } from './canonical.ts';
import { bounded, cleanObject, cleanText, differing } from './clean.ts';

/** The chain of the centre; every agency has one of its own under its id. */
const CENTRE_CHAIN = 'centre';
/** The product itself, when nobody asked it. */
const SYSTEM_ACTOR = { id: 'system', name: 'haidang' } as const;

/** An entry ready to be appended: its chain and its canonical text. */
export interface PreparedEntry {
  chain: string;
  text: string;
}

/** Cleans, cuts and writes down an entry. `atMs` is the moment of the act, epoch ms. */
export function prepareEntry(entry: AuditEntry, atMs: number): PreparedEntry {
  const { by, object } = entry;
  const name = (text: string | null | undefined) =>
    text === null || text === undefined ? undefined : cleanText(text, 200);
  const { before, after } = changeOf(entry);
  const lender = lenderOf(entry);
  const fields: Record<string, string | undefined> = {
    at: new Date(atMs).toISOString(),
    action: entry.action,
    actorId: name(by === null ? SYSTEM_ACTOR.id : (by.userId ?? '')),
    actorName: name(by === null ? SYSTEM_ACTOR.name : by.username),
    onBehalfId: name(lender?.userId),
    onBehalfName: name(lender?.username),
    sessionId: name(by?.sessionId),
    ip: name(by?.origin?.ip),
    requestId: name(by?.origin?.requestId),
    objectType: object?.type,
    objectId: name(object?.id),
    objectName: name(object?.name),
    areaId: name(entry.place?.areaId),
    domain: name(entry.place?.domain),
    agencyId: name(entry.place?.agencyId),
    class: name(entry.place?.class),
    reason: entry.reason ? cleanText(entry.reason, 1000) : undefined,
  };
  const members = Object.entries(fields).flatMap(([key, text]): [string, string][] =>
    text === undefined ? [] : [[key, JSON.stringify(text)]],
  );
  if (before !== undefined) members.push(['before', bounded(before)]);
  if (after !== undefined) members.push(['after', bounded(after)]);
  return { chain: name(by?.agencyId) ?? CENTRE_CHAIN, text: canonicalObject(members) };
}

/** Whose powers it took: what the entry says, else who lent the grant without which it would have been refused. */
function lenderOf({ by, action, place }: AuditEntry): AuditActor['onBehalfOf'] {
  if (!by || by.onBehalfOf !== undefined) return by?.onBehalfOf;
  const { needs } = AUDIT_ACTIONS[action];
  if (needs === undefined || by.grants === undefined) return null;
  const scope: ResourceScope | undefined = place
    ? { agencyId: null, class: 'internal', ...place }
    : undefined;
  return decidingGrant({ grants: by.grants }, needs, scope)?.delegatedFrom;
}

function changeOf(entry: AuditEntry): { before?: Json; after?: Json } {
  const { keeps } = AUDIT_ACTIONS[entry.action];
  const restricted = new Set(entry.restricted);
  const clean = (value: object | null | undefined) => (value ? cleanObject(value, restricted) : undefined);
  const before = keeps === 'change' ? clean(entry.before) : undefined;
  const after = keeps === 'nothing' ? undefined : clean(entry.after);
  return before !== undefined && after !== undefined ? differing(before, after) : { before, after };
}
