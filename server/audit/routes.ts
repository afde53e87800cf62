import { pipeline } from 'node:stream/promises';
import {
  AuditExportRequest,
  AuditFacets,
  AuditFacetsQuery,
  AuditItem,
  AuditQuery,
  AuditStatus,
  AuditVerification,
  MyActivityQuery,
} from '../../core/api/audit.ts';
import { page } from '../../core/api/common.ts';
import { AppError } from '../../core/errors.ts';
import { type Caller, isWhole, scopeOf } from '../../core/permissions.ts';
import type { AuditTrail } from '../../core/ports.ts';
import { type Route, route } from '../http/index.ts';
import type { AuditExport } from './export.ts';
import type { AuditSearch } from './service.ts';

/** Somebody who goes through the pages of a search leaves one entry for it and one with their number. */
const READ_WINDOW_MS = 10 * 60_000;
const tag = 'audit';

export function auditRoutes(deps: {
  search: AuditSearch;
  trail: AuditTrail;
  verify(): Promise<AuditVerification>;
  status(): Promise<AuditStatus>;
  exportRows(caller: Caller, request: ExportRequest): Promise<AuditExport>;
}): Route[] {
  const { search, trail, verify, status, exportRows } = deps;
  return [
    route({
      method: 'get',
      path: '/audit',
      summary: 'The audit trail, the latest first: who did what, when, from where, with before and after',
      tag,
      access: 'audit.read',
      audit: 'audit.read',
      query: AuditQuery,
      response: page(AuditItem),
      async handler({ caller, query }) {
        const { limit: _limit, cursor: _cursor, ...asked } = query;
        const found = await search.list(caller, query);
        await trail.note(
          { by: caller, action: 'audit.read', object: { type: 'audit', id: 'search' }, after: asked },
          { must: true, fold: { key: caller.sessionId, windowMs: READ_WINDOW_MS } },
        );
        return found;
      },
    }),
    route({
      method: 'get',
      path: '/audit/facets',
      summary: 'What a search of the audit trail is made of: acts, objects, agencies, persons',
      tag,
      access: 'audit.read',
      query: AuditFacetsQuery,
      response: AuditFacets,
      handler: ({ caller, query }) => search.facets(caller, query),
    }),
    route({
      method: 'get',
      path: '/audit/status',
      summary: 'Whether the audit trail is anchored, and when it was last found whole',
      tag,
      access: 'system.read',
      response: AuditStatus,
      handler: () => status(),
    }),
    route({
      method: 'get',
      path: '/audit/verify',
      summary: 'Verify every chain against its hashes and anchors; names the first bad row of each',
      tag,
      access: 'audit.read',
      audit: 'audit.verify',
      response: AuditVerification,
      async handler({ caller }) {
        if (!readsEverything(caller))
          throw new AppError('auth.forbidden', { detail: 'verifying takes the whole trail' });
        const result = await verify();
        await trail.note(
          {
            by: caller,
            action: 'audit.verify',
            object: { type: 'audit', id: 'verify' },
            after: {
              ok: result.ok,
              rows: result.chains.reduce((sum, chain) => sum + chain.rows, 0),
              bad: result.chains.flatMap(({ chain, firstBad }) =>
                firstBad ? [`${chain} ${firstBad.seq} ${firstBad.kind}`] : [],
              ),
            },
          },
          { must: true },
        );
        return result;
      },
    }),
    route({
      method: 'post',
      path: '/audit/export',
      summary: 'The rows of a search as a ZIP with a signed verification file',
      tag,
      access: 'audit.read',
      audit: 'audit.export',
      body: AuditExportRequest,
      response: null,
      async handler({ caller, body, res }) {
        const { fileName, bytes } = await exportRows(caller, body);
        res.setHeader('Content-Type', 'application/zip');
        res.setHeader('Content-Disposition', `attachment; filename="${fileName}"`);
        // Compressed already; buffered by nobody.
        res.setHeader('Content-Encoding', 'identity');
        await pipeline(bytes, res);
      },
    }),
    route({
      method: 'get',
      path: '/me/activity',
      summary: 'What I did, and what was done to my account',
      tag,
      access: 'authenticated',
      query: MyActivityQuery,
      response: page(AuditItem),
      handler: ({ caller, query }) => search.mine(caller, query),
    }),
  ];
}

type ExportRequest = import('zod').z.output<typeof AuditExportRequest>;

/** A chain holds rows of every place; who verifies it reads them all. */
const readsEverything = (caller: Caller) => isWhole(scopeOf(caller, 'audit.read'), 'restricted');
