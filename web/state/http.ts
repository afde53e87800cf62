import type { z } from 'zod';
import { Problem } from '../../core/api/common.ts';
import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import { readableJson } from './readable.ts';

export type ApiErrorCode = ErrorCode | 'network.unreachable' | 'network.timeout' | 'answer.unreadable';

/** Everything that can go wrong between a button and the database, with the server's code where there is one. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly detail: string | undefined;
  readonly data: Record<string, unknown> | undefined;
  readonly requestId: string | undefined;

  constructor(
    code: ApiErrorCode,
    more: {
      status?: number;
      detail?: string;
      data?: Record<string, unknown>;
      requestId?: string;
      cause?: unknown;
    } = {},
  ) {
    super(more.detail ? `${code}: ${more.detail}` : code, { cause: more.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = more.status ?? 0;
    this.detail = more.detail;
    this.data = more.data;
    this.requestId = more.requestId;
  }

  get offline(): boolean {
    return this.code === 'network.unreachable' || this.code === 'network.timeout';
  }
}

export function isApiError(error: unknown, code?: ApiErrorCode): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code);
}

export type Query = Record<string, string | number | boolean | null | undefined>;

interface HttpRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Query;
  body?: unknown;
  /** A file, sent as it is instead of a body. */
  file?: Blob;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface HttpOptions {
  /** `''` for same origin. */
  origin: string;
  fetch: typeof fetch;
  /** The bearer token, or null when signed out; it lives only in memory. */
  token(): string | null;
  /** Renews the token (single flight); resolves to null when the session is over. */
  renew(): Promise<string | null>;
  /** Nobody is touching the console: the request goes out by itself and is no sign of life. */
  isIdle?(): boolean;
  /** The session must do something first: unlock, prove a second factor. */
  onNeed?(): void;
  /** Asks the person to prove who they are; false = they would rather not. */
  stepUp?(): Promise<boolean>;
  /** Called with the server's `Date` header and the local time halfway through the request. */
  onServerTime?(serverMs: number, localMs: number): void;
}

export interface Http {
  /** JSON in, JSON out, checked against the schema. */
  json<S extends z.ZodType>(path: string, schema: S, request?: HttpRequest): Promise<z.infer<S>>;
  /** For answers without a body. */
  send(path: string, request?: HttpRequest): Promise<void>;
  /** A picture, with the response headers that say when it was taken. */
  blob(path: string, request?: HttpRequest): Promise<{ blob: Blob; headers: Headers }>;
}

const API_PREFIX = '/api/v1';
const TIMEOUT_MS = 15_000;

export function createHttp(options: HttpOptions): Http {
  const call = async (path: string, request: HttpRequest, token: string | null): Promise<Response> => {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (options.isIdle?.()) headers['X-Background'] = '1';
    if (request.body !== undefined) headers['Content-Type'] = 'application/json';
    if (request.file) headers['Content-Type'] = 'application/octet-stream';
    const timeout = AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS);
    const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
    const startedMs = Date.now();
    try {
      const response = await options.fetch(options.origin + address(path, request.query), {
        method: request.method ?? 'GET',
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal,
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.file ? { body: request.file } : {}),
      });
      const date = Date.parse(response.headers.get('date') ?? '');
      if (Number.isFinite(date)) options.onServerTime?.(date, (startedMs + Date.now()) / 2);
      return response;
    } catch (cause) {
      if (request.signal?.aborted) throw cause;
      throw new ApiError(timeout.aborted ? 'network.timeout' : 'network.unreachable', { cause });
    }
  };

  const answered = async (path: string, request: HttpRequest): Promise<Response> => {
    const token = options.token();
    let response = await call(path, request, token);
    // The token lives minutes; the first 401 asks for a new one and the request is sent once more.
    // Not for the renewal itself: it would wait for its own end.
    if (response.status === 401 && token && path !== '/auth/refresh') {
      const renewed = await options.renew();
      if (renewed) response = await call(path, request, renewed);
    }
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.code === 'auth.step_up' && options.stepUp && (await options.stepUp()))
      return answered(path, request);
    if (problem.code === 'auth.locked' || problem.code === 'auth.incomplete') options.onNeed?.();
    throw problem;
  };

  return {
    async json(path, schema, request = {}) {
      const response = await answered(path, request);
      const parsed = schema.safeParse(await answerOf(response));
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new ApiError('answer.unreadable', {
          status: response.status,
          detail: `${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
        });
      }
      return parsed.data as never;
    },
    async send(path, request = {}) {
      await answered(path, request);
    },
    async blob(path, request = {}) {
      const response = await answered(path, request);
      return { blob: await response.blob(), headers: response.headers };
    },
  };
}

function address(path: string, query: Query | undefined): string {
  // Paths that the server hands out (snapshots, tickets) are complete already.
  const full = path.startsWith('/api/') ? path : API_PREFIX + path;
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${full}${full.includes('?') ? '&' : '?'}${text}` : full;
}

/** What the answer holds; undefined when it is no JSON. */
async function answerOf(response: Response): Promise<unknown> {
  try {
    return readableJson(await response.text());
  } catch {
    return undefined;
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const parsed = Problem.safeParse(await answerOf(response));
  if (!parsed.success) {
    // A proxy in between answered for the server.
    const code = response.status >= 502 && response.status <= 504 ? 'network.unreachable' : 'internal';
    return new ApiError(code, { status: response.status, detail: `HTTP ${response.status}` });
  }
  const { code, status, detail, data, requestId } = parsed.data;
  const known = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'internal';
  return new ApiError(known, { status, detail, data, requestId });
}
