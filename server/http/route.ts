import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { AuditAction } from '../../core/audit-actions.ts';
import type { Caller, Permission, SessionNeed } from '../../core/permissions.ts';

/**
 * Who may call a route. Deny by default: there is no way to leave it out.
 * - `public`: anybody (named one by one in the authorisation test)
 * - `authenticated`: any signed-in person
 * - a permission: a grant must have it somewhere; the handler narrows to rows with the scope builder or `can()`
 * - `device`: the device's own credential (HTTP Basic)
 */
export type Access = 'public' | 'authenticated' | 'device' | Permission;

type Infer<T> = T extends z.ZodType ? z.output<T> : undefined;

export interface RouteContext<A extends Access, P, Q, B> {
  params: Infer<P>;
  query: Infer<Q>;
  body: Infer<B>;
  /** The signed-in person; for `device` routes the device id; nothing on public routes. */
  caller: A extends 'public' ? undefined : A extends 'device' ? { deviceId: string } : Caller;
  req: Request;
  /** For headers, cookies, and answers that are not JSON. */
  res: Response;
}

interface RouteShape<A extends Access, P, Q, B> {
  method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** Express path below `/api/v1`, for example `/devices/:id`. */
  path: string;
  summary: string;
  tag: string;
  access: A;
  /** Sessions that must do this first may call it all the same; others that need something are refused. */
  evenIf?: readonly SessionNeed[];
  /** Asks for a proof of identity that is not older than the policy allows; machines have none. */
  stepUp?: true;
  params?: P;
  query?: Q;
  body?: B;
  /** Largest body, bytes; default 256 KiB. */
  bodyLimit?: number;
  /** Body arrives as a Buffer, unparsed: for payloads whose bytes matter. */
  rawBody?: boolean;
  /**
   * The acts this route can leave in the audit trail. A route that writes names at least one; a test holds it to
   * that, and sees them in the trail.
   */
  audit?: AuditAction | readonly AuditAction[];
  /** Status of success; default 200, or 204 without a response schema. */
  status?: number;
}

/** A route as the table keeps it. `response: null` = the handler writes the answer itself (files, no content). */
export interface Route
  extends RouteShape<Access, z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined> {
  response: z.ZodType | null;
  handler(context: RouteContext<Access, z.ZodType, z.ZodType, z.ZodType>): Promise<unknown>;
}

/** Declares one route; types of params, query, body and caller follow from what is declared. */
export function route<
  A extends Access,
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  R extends z.ZodType | null = null,
>(
  definition: RouteShape<A, P, Q, B> & {
    response: R;
    handler(context: RouteContext<A, P, Q, B>): Promise<R extends z.ZodType ? z.input<R> : void>;
  },
): Route {
  return definition as unknown as Route;
}
