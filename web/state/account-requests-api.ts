import type { z } from 'zod';
import {
  AccessReview,
  type AccountRequestAmend,
  type AccountRequestCreate,
  AccountRequestDetail,
  type AccountRequestDocument,
  AccountRequestExecuted,
  AccountRequestPage,
  RegisterEntry,
  RequestScan,
  ReviewGrant,
  type StepConfirm,
} from '../../core/api/account-requests.ts';
import { page } from '../../core/api/common.ts';
import type { Http, Query } from './http.ts';

const UPLOAD_MS = 120_000;

/** The routes of account requests, their register and the access review. */
export function accountRequestsApi(http: Http) {
  const post = <S extends z.ZodType>(path: string, schema: S, body: unknown = {}) =>
    http.json(path, schema, { method: 'POST', body });
  const step = (requestId: number, name: string, body: unknown) =>
    post(`/account-requests/${requestId}/${name}`, AccountRequestDetail, body);
  const withSignal = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

  return {
    accountRequests: (query: Query, signal?: AbortSignal) =>
      http.json('/account-requests', AccountRequestPage, { query, ...withSignal(signal) }),
    accountRequest: (requestId: number, signal?: AbortSignal) =>
      http.json(`/account-requests/${requestId}`, AccountRequestDetail, withSignal(signal)),
    fileRequest: (body: z.input<typeof AccountRequestCreate>) =>
      post('/account-requests', AccountRequestDetail, body),
    addScan: (requestId: number, file: File) =>
      http.json(`/account-requests/${requestId}/scans`, RequestScan, {
        method: 'POST',
        query: { name: file.name },
        file,
        timeoutMs: UPLOAD_MS,
      }),
    scan: (requestId: number, scanId: string) =>
      http.blob(`/account-requests/${requestId}/scans/${encodeURIComponent(scanId)}`, {
        timeoutMs: UPLOAD_MS,
      }),
    requestStep: (
      requestId: number,
      name: 'check' | 'return' | 'approve' | 'refuse' | 'withdraw',
      note?: string,
    ) => step(requestId, name, note ? { note } : {}),
    giveDocument: (requestId: number, body: z.input<typeof AccountRequestDocument>) =>
      step(requestId, 'document', body),
    resubmitRequest: (requestId: number, body: z.input<typeof AccountRequestAmend>) =>
      step(requestId, 'resubmit', body),
    confirmRequest: (requestId: number, body: z.input<typeof StepConfirm>) =>
      step(requestId, 'confirm', body),
    executeRequest: (requestId: number, note?: string) =>
      post(`/account-requests/${requestId}/execute`, AccountRequestExecuted, note ? { note } : {}),
    lockAtOnce: (userId: string, reason: string) =>
      post(`/users/${encodeURIComponent(userId)}/emergency-lock`, AccountRequestDetail, { reason }),
    accountRegister: (query: Query, signal?: AbortSignal) =>
      http.json('/account-register', page(RegisterEntry), { query, ...withSignal(signal) }),
    exportRegister: (query: Query) => http.blob('/account-register/export', { query, timeoutMs: UPLOAD_MS }),
    accessReview: (due: boolean) => http.json('/access-review', AccessReview, { query: { due } }),
    confirmGrant: (grantId: number) => post(`/access-review/${grantId}/confirm`, ReviewGrant),
    withdrawGrant: (grantId: number, note: string) =>
      post(`/access-review/${grantId}/withdraw`, AccountRequestDetail, { note }),
  };
}
