import type { z } from 'zod';
import type {
  AuditFacets,
  AuditFacetsQuery,
  AuditItem,
  AuditQuery,
  MyActivityQuery,
} from '../../core/api/audit.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, scopeOf } from '../../core/permissions.ts';
import type { AreaDirectory, Database } from '../../core/ports.ts';
import { decodeCursor, pageOf } from '../http/index.ts';
import { millis } from './row.ts';
import {
  type AuditFilter,
  type AuditPosition,
  type AuditRow,
  type FacetRow,
  facets,
  search,
  type Visible,
} from './sql.ts';

interface Page {
  items: AuditItem[];
  nextCursor: string | null;
}

export interface AuditSearch {
  /** Rows within the caller's scope, the latest first. */
  list(caller: Caller, query: z.output<typeof AuditQuery>): Promise<Page>;
  /** What a search is made of, counted over its latest rows. */
  facets(caller: Caller, query: z.output<typeof AuditFacetsQuery>): Promise<AuditFacets>;
  /** What the caller did, and what was done to their account. */
  mine(caller: Caller, query: z.output<typeof MyActivityQuery>): Promise<Page>;
}

/** Facets are counted over so many rows at most, and name so many persons. */
const FACET_ROWS = 20_000;
const FACET_ACTORS = 30;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

export function createAuditSearch(deps: { database: Database; areas: () => AreaDirectory }): AuditSearch {
  const { database, areas } = deps;

  const read = async (
    who: Visible,
    filter: AuditFilter,
    query: { limit: number; cursor?: string },
  ): Promise<Page> => {
    const rows = await search(database, who, filter, positionOf(query.cursor), query.limit + 1);
    return pageOf(rows, query.limit, itemDto(areas()), (row) => [row.at, row.chain, row.seq]);
  };

  return {
    list: (caller, query) => read({ scope: scopeOf(caller, 'audit.read') }, filterOf(query, areas()), query),
    async facets(caller, query) {
      const who = { scope: scopeOf(caller, 'audit.read') };
      const rows = await facets(database, who, filterOf(query, areas()), FACET_ROWS, FACET_ACTORS);
      const of = (wanted: FacetRow['facet']) =>
        rows.flatMap(({ facet, id, count }) => (facet === wanted ? [{ id, count }] : []));
      const counted = of('rows')[0]?.count ?? 0;
      return {
        rows: counted,
        isCut: counted === FACET_ROWS,
        actions: of('action'),
        objects: of('object'),
        chains: of('chain'),
        actors: of('actor'),
      };
    },
    mine: (caller, query) => read({ userId: caller.userId }, filterOf(query, areas()), query),
  };
}

function positionOf(cursor: string | undefined): AuditPosition | undefined {
  const key = decodeCursor(cursor, ['string', 'string', 'number']) as [string, string, number] | undefined;
  if (!key) return undefined;
  const [at, chain, seq] = key;
  if (!TIME.test(at) || !Number.isSafeInteger(seq))
    throw new AppError('request.invalid', { detail: 'query.cursor: not a cursor of this list' });
  return { at, chain, seq };
}

type Asked = Partial<Omit<z.output<typeof AuditQuery>, 'limit' | 'cursor'>>;

/** What was asked for, as the database is asked. An area stands for everything below it. */
export function filterOf(asked: Asked, areas: AreaDirectory): AuditFilter {
  const { actor, action, objectType, objectId, area, domain, chain, requestId, from, to } = asked;
  return {
    actor,
    actions: action,
    objectType,
    objectId,
    areaIds: area === undefined ? undefined : [...areas.subtree([area])],
    domain,
    chain,
    requestId,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}

const itemDto =
  (areas: AreaDirectory) =>
  (row: AuditRow): AuditItem => ({
    chain: row.chain,
    seq: row.seq,
    at: millis(row.at),
    action: row.action,
    actor: { id: row.actor_id, name: row.actor_name },
    onBehalfOf:
      row.on_behalf_id === null
        ? null
        : { id: row.on_behalf_id, name: row.on_behalf_name ?? row.on_behalf_id },
    sessionId: row.session_id,
    ip: row.ip,
    object:
      row.object_type === null
        ? null
        : { type: row.object_type, id: row.object_id ?? '', name: row.object_name },
    areaId: row.area_id,
    areaName: row.area_id === null ? null : areas.nameOf(row.area_id),
    domain: row.domain,
    agencyId: row.agency_id,
    class: row.class,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
    reason: row.reason,
    requestId: row.request_id,
    hash: row.hash.toString('hex'),
  });
