import { z } from 'zod';
import {
  AccessReview,
  AccountRequestAmend,
  AccountRequestCreate,
  AccountRequestDetail,
  AccountRequestDocument,
  AccountRequestExecuted,
  AccountRequestPage,
  AccountRequestQuery,
  EmergencyLock,
  RegisterEntry,
  RegisterExportQuery,
  RegisterQuery,
  RequestScan,
  ReviewGrant,
  ReviewQuery,
  StepConfirm,
  StepNote,
  StepReason,
} from '../../core/api/account-requests.ts';
import { page } from '../../core/api/common.ts';
import type { Permission } from '../../core/permissions.ts';
import { decodeCursor, type Route, route } from '../http/index.ts';
import type { Register } from './register.ts';
import type { Reviews } from './review.ts';
import type { AccountRequests } from './service.ts';
import type { AccountRequestSettings } from './settings.ts';

const Id = z.object({ id: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) });
const UserId = z.object({ id: z.string().max(64) });
const ScanId = Id.extend({ scan: z.string().max(64) });
const tag = 'account requests';

export function accountRequestRoutes(deps: {
  requests: AccountRequests;
  reviews: Reviews;
  register: Register;
  settings: AccountRequestSettings;
}): Route[] {
  const { requests, reviews, register, settings } = deps;
  const before = (cursor: string | undefined) => {
    const [id] = decodeCursor(cursor, ['number']) ?? [null];
    return id === null || id === undefined ? null : Number(id);
  };

  /** One step that takes a note and nothing else. */
  const step = <N extends typeof StepNote | typeof StepReason>(
    name: 'check' | 'return' | 'approve' | 'refuse' | 'withdraw',
    access: Permission | 'authenticated',
    summary: string,
    body: N,
  ) =>
    route({
      method: 'post',
      path: `/account-requests/:id/${name}`,
      summary,
      tag,
      audit:
        name === 'refuse'
          ? ['account_request.step', 'account.unlock', 'account.grants']
          : 'account_request.step',
      access,
      params: Id,
      body: body as z.ZodType<{ note?: string | undefined }>,
      response: AccountRequestDetail,
      handler: ({ caller, params, body: { note } }) => requests.step(caller, params.id, name, note),
    });

  return [
    route({
      method: 'get',
      path: '/account-requests',
      summary:
        'Requests for account acts: my own, and those about accounts within my grants; the latest first',
      tag,
      access: 'authenticated',
      query: AccountRequestQuery,
      response: AccountRequestPage,
      handler: ({ caller, query }) => requests.list(caller, query, before(query.cursor)),
    }),
    route({
      method: 'post',
      path: '/account-requests',
      summary: 'Ask for an account act on a written document; nothing beyond my own grants',
      tag,
      audit: 'account_request.submit',
      access: 'accounts.request',
      body: AccountRequestCreate,
      response: AccountRequestDetail,
      status: 201,
      handler: ({ caller, body }) => requests.submit(caller, body),
    }),
    route({
      method: 'get',
      path: '/account-requests/:id',
      summary: 'One request with its steps, its scans and what I may do with it',
      tag,
      access: 'authenticated',
      params: Id,
      response: AccountRequestDetail,
      handler: ({ caller, params }) => requests.get(caller, params.id),
    }),
    route({
      method: 'post',
      path: '/account-requests/:id/scans',
      summary: 'Add a scan of the document: PDF, PNG, JPEG or WebP, known by its bytes',
      tag,
      audit: 'account_request.scan',
      access: 'authenticated',
      params: Id,
      query: z.object({ name: z.string().max(300).default('') }),
      rawBody: true,
      bodyLimit: settings.scanMaxMb * 1024 * 1024,
      response: RequestScan,
      status: 201,
      handler: ({ caller, params, query, req }) =>
        requests.addScan(
          caller,
          params.id,
          query.name,
          Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
        ),
    }),
    route({
      method: 'get',
      path: '/account-requests/:id/scans/:scan',
      summary: 'A scan, as a download',
      tag,
      audit: 'account_request.scan_read',
      access: 'authenticated',
      params: ScanId,
      response: null,
      async handler({ caller, params, res }) {
        const { name, mediaType, content } = await requests.scan(caller, params.id, params.scan);
        res.setHeader('Content-Type', mediaType);
        res.setHeader('X-Content-Type-Options', 'nosniff');
        // Whatever is in the file, it is no page of this site.
        res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
        res.setHeader(
          'Content-Disposition',
          `attachment; filename="scan.${name.split('.').at(-1)}"; filename*=UTF-8''${encodeURIComponent(name)}`,
        );
        res.setHeader('Content-Length', content.length);
        res.end(content);
      },
    }),
    route({
      method: 'post',
      path: '/account-requests/:id/document',
      summary: 'Give the document of an act that was done at once',
      tag,
      audit: 'account_request.step',
      access: 'authenticated',
      params: Id,
      body: AccountRequestDocument,
      response: AccountRequestDetail,
      handler: ({ caller, params, body }) => requests.document(caller, params.id, body),
    }),
    step('check', 'accounts.check', 'The document is complete and says what is asked for', StepNote),
    step('return', 'accounts.check', 'Send it back to be completed, with what is missing', StepReason),
    route({
      method: 'post',
      path: '/account-requests/:id/resubmit',
      summary: 'Put a returned request right and send it again',
      tag,
      audit: 'account_request.step',
      access: 'authenticated',
      params: Id,
      body: AccountRequestAmend,
      response: AccountRequestDetail,
      handler: ({ caller, params, body }) => requests.resubmit(caller, params.id, body),
    }),
    step('approve', 'accounts.decide', 'Approve; never by who asked', StepNote),
    step('refuse', 'accounts.decide', 'Refuse, with the reason; what was done at once is undone', StepReason),
    route({
      method: 'post',
      path: '/account-requests/:id/execute',
      summary: 'Carry an approved request out; a new password is shown this once',
      tag,
      audit: [
        'account_request.step',
        'account.create',
        'account.grants',
        'account.lock',
        'account.unlock',
        'account.revoke',
      ],
      access: 'accounts.execute',
      params: Id,
      body: StepNote,
      response: AccountRequestExecuted,
      handler: ({ caller, params, body }) => requests.execute(caller, params.id, body.note),
    }),
    route({
      method: 'post',
      path: '/account-requests/:id/confirm',
      summary: 'The requester was told',
      tag,
      audit: 'account_request.step',
      access: 'accounts.execute',
      params: Id,
      body: StepConfirm,
      response: AccountRequestDetail,
      handler: ({ caller, params, body }) => requests.confirm(caller, params.id, body),
    }),
    step('withdraw', 'authenticated', 'Take my request back, as long as it was not carried out', StepReason),
    route({
      method: 'post',
      path: '/users/:id/emergency-lock',
      summary: 'Lock an account now; its sessions end and the document is due within hours',
      tag,
      audit: ['account_request.submit', 'account.lock'],
      access: 'accounts.lock',
      params: UserId,
      body: EmergencyLock,
      response: AccountRequestDetail,
      status: 201,
      handler: ({ caller, params, body }) => requests.lockAtOnce(caller, params.id, body.reason),
    }),
    route({
      method: 'get',
      path: '/account-register',
      summary: 'Account acts that were carried out, with their documents',
      tag,
      access: 'accounts.read',
      query: RegisterQuery,
      response: page(RegisterEntry),
      handler: ({ caller, query: { limit, cursor, ...filter } }) =>
        register.list(caller, filter, { before: before(cursor), limit }),
    }),
    route({
      method: 'get',
      path: '/account-register/export',
      summary: 'The register as a table for spreadsheets (CSV)',
      tag,
      audit: 'account.register_export',
      access: 'accounts.read',
      query: RegisterExportQuery,
      response: null,
      async handler({ caller, query, res }) {
        const text = await register.csv(caller, query);
        res.setHeader('Content-Type', 'text/csv; charset=utf-8');
        res.setHeader('Content-Disposition', 'attachment; filename="account-register.csv"');
        res.end(text);
      },
    }),
    route({
      method: 'get',
      path: '/access-review',
      summary: 'Grants that nobody has confirmed in time; with due=false all that stand',
      tag,
      access: 'accounts.review',
      query: ReviewQuery,
      response: AccessReview,
      handler: ({ caller, query }) => reviews.list(caller, query.due),
    }),
    route({
      method: 'post',
      path: '/access-review/:id/confirm',
      summary: 'This grant is still needed',
      tag,
      audit: 'account.review',
      access: 'accounts.review',
      params: Id,
      body: StepNote,
      response: ReviewGrant,
      handler: ({ caller, params, body }) => reviews.confirm(caller, params.id, body.note),
    }),
    route({
      method: 'post',
      path: '/access-review/:id/withdraw',
      summary: 'End this grant now; answers with the request whose document is due',
      tag,
      audit: ['account_request.submit', 'account.grants'],
      access: 'accounts.review',
      params: Id,
      body: StepReason,
      response: AccountRequestDetail,
      status: 201,
      handler: ({ caller, params, body }) => reviews.withdraw(caller, params.id, body.note),
    }),
  ];
}
