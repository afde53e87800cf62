import { z } from 'zod';
import { REQUEST_STATES, REQUEST_STEPS } from '../account-request-state.ts';
import { AgencyId } from './agencies.ts';
import { GrantDto, GrantInput, UserCreate } from './auth.ts';
import { PageQuery, page, Timestamp } from './common.ts';

export const REQUEST_ACTIONS = ['grant', 'change', 'lock', 'unlock', 'revoke'] as const;
export const RequestAction = z
  .enum(REQUEST_ACTIONS)
  .describe('grant = a new account; change = other grants or another agency; revoke = closed for good');
export type RequestAction = z.infer<typeof RequestAction>;

/** Who may ask in writing. `managing_unit` is for the emergency and the review. */
export const REQUESTER_KINDS = ['person', 'unit', 'owner_authority', 'police', 'managing_unit'] as const;
export const RequesterKind = z.enum(REQUESTER_KINDS);
export type RequesterKind = z.infer<typeof RequesterKind>;

/** One line of text as people write it: no control characters, nothing around it. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'no control characters');
const prose = z.string().trim().min(1).max(2000);
const note = prose.optional();

const document = {
  requesterKind: RequesterKind,
  requesterName: line(200).describe('the person or body that signed the document'),
  documentNumber: line(64),
  documentDate: z.iso.date(),
};
const common = { ...document, reason: prose };
const userId = z.string().min(1).max(64);

export const AccountRequestCreate = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('grant'),
    ...common,
    kind: z.enum(['person', 'service']).default('person').describe('service = of a machine, with API keys'),
    username: UserCreate.shape.username,
    displayName: UserCreate.shape.displayName,
    agencyId: AgencyId.optional(),
    grants: UserCreate.shape.grants,
  }),
  z.strictObject({
    action: z.literal('change'),
    ...common,
    userId,
    agencyId: AgencyId.nullable().optional().describe('absent = stays'),
    grants: UserCreate.shape.grants.describe('replaces all own grants'),
  }),
  z.strictObject({ action: z.literal('lock'), ...common, userId }),
  z.strictObject({ action: z.literal('unlock'), ...common, userId }),
  z.strictObject({ action: z.literal('revoke'), ...common, userId }),
]);
export type AccountRequestCreate = z.output<typeof AccountRequestCreate>;

const Who = z.object({ id: z.string(), name: z.string(), onBehalfOf: z.string().nullable() });

export const RequestScan = z.object({
  id: z.string(),
  name: z.string(),
  mediaType: z.enum(['application/pdf', 'image/png', 'image/jpeg', 'image/webp']),
  sizeBytes: z.number().int(),
  sha256: z.string(),
  uploadedAt: Timestamp,
  uploadedBy: z.string(),
});
export type RequestScan = z.infer<typeof RequestScan>;

export const RequestStepDto = z.object({
  at: Timestamp,
  step: z.enum(REQUEST_STEPS),
  by: Who,
  note: z.string().nullable(),
});

export const AccountRequest = z
  .object({
    id: z.number().int(),
    action: RequestAction,
    state: z.enum(REQUEST_STATES),
    done: z.boolean().describe('what is asked for has been carried out and stands'),
    atOnce: z.boolean().describe('carried out before the document came: emergency lock, review'),
    requesterKind: RequesterKind,
    requesterName: z.string(),
    documentNumber: z.string().nullable(),
    documentDate: z.string().nullable(),
    documentDueAt: Timestamp.nullable(),
    documentLate: z.boolean(),
    reason: z.string(),
    target: z.object({
      userId: z.string().nullable().describe('null until the account is made'),
      kind: z.enum(['person', 'service']),
      username: z.string(),
      displayName: z.string(),
      agencyId: z.string().nullable(),
      status: z.enum(['active', 'locked', 'revoked']).nullable(),
    }),
    grants: z.array(GrantInput).nullable().describe('what is asked for; null where nothing is given'),
    replyNumber: z.string().nullable().describe('number of the letter that answered'),
    submittedBy: Who,
    submittedAt: Timestamp,
    updatedAt: Timestamp,
    scans: z.number().int(),
  })
  .meta({ id: 'AccountRequest' });
export type AccountRequest = z.infer<typeof AccountRequest>;

export const AccountRequestDetail = AccountRequest.extend({
  steps: z.array(RequestStepDto),
  files: z.array(RequestScan),
  heldGrants: z.array(GrantDto).describe('what the account has today'),
  allowed: z.array(z.enum(REQUEST_STEPS)).describe('steps that the caller may take now'),
}).meta({ id: 'AccountRequestDetail' });
export type AccountRequestDetail = z.infer<typeof AccountRequestDetail>;

const filters = {
  action: RequestAction.optional(),
  from: z.iso.date().optional().describe('submitted on this day or later'),
  to: z.iso.date().optional().describe('submitted before this day'),
};

export const AccountRequestQuery = z.object({
  ...PageQuery.shape,
  ...filters,
  state: z.enum([...REQUEST_STATES, 'open']).optional(),
  userId: userId.optional(),
  late: z.stringbool().optional().describe('only those whose document is late'),
});
export type AccountRequestQuery = z.output<typeof AccountRequestQuery>;

export const AccountRequestPage = page(AccountRequest);

/** What may be put right in a request that was returned. */
export const AccountRequestAmend = z.strictObject({
  requesterName: document.requesterName.optional(),
  documentNumber: document.documentNumber.optional(),
  documentDate: document.documentDate.optional(),
  reason: prose.optional(),
  grants: UserCreate.shape.grants.optional(),
  note,
});
export const AccountRequestDocument = z.strictObject({ ...document, note });
export const StepNote = z.strictObject({ note });
export const StepReason = z.strictObject({ note: prose });
export const StepConfirm = z.strictObject({
  note,
  replyNumber: line(64).optional().describe('number of the letter that tells the requester'),
});

/** The generated password of a new account is shown this once, to who carried the request out. */
export const AccountRequestExecuted = AccountRequestDetail.extend({ password: z.string().optional() });
export type AccountRequestExecuted = z.infer<typeof AccountRequestExecuted>;

export const EmergencyLock = z.strictObject({ reason: prose });

export const RegisterQuery = z.object({ ...PageQuery.shape, ...filters });
export const RegisterExportQuery = z.object(filters);

/** One account act as the register shows it: what was done, on which document, by whom. */
export const RegisterEntry = z
  .object({
    requestId: z.number().int(),
    action: RequestAction,
    state: z.enum(REQUEST_STATES),
    username: z.string(),
    displayName: z.string(),
    agencyId: z.string().nullable(),
    requesterKind: RequesterKind,
    requesterName: z.string(),
    documentNumber: z.string().nullable(),
    documentDate: z.string().nullable(),
    documentLate: z.boolean(),
    grants: z.array(GrantInput).nullable(),
    submittedAt: Timestamp,
    submittedBy: z.string(),
    decidedAt: Timestamp.nullable(),
    decidedBy: z.string().nullable(),
    executedAt: Timestamp.nullable(),
    executedBy: z.string().nullable(),
    confirmedAt: Timestamp.nullable(),
    replyNumber: z.string().nullable(),
  })
  .meta({ id: 'AccountRegisterEntry' });
export type RegisterEntry = z.infer<typeof RegisterEntry>;

/** A grant in the yearly review. */
export const ReviewGrant = z
  .object({
    grant: GrantDto,
    userId: z.string(),
    username: z.string(),
    displayName: z.string(),
    agencyId: z.string().nullable(),
    status: z.enum(['active', 'locked', 'revoked']),
    basisRequestId: z.number().int().nullable().describe('null = given on the machine itself'),
    basisDocument: z.string().nullable(),
    givenAt: Timestamp,
    confirmedAt: Timestamp.nullable(),
    confirmedBy: z.string().nullable(),
    dueAt: Timestamp,
    due: z.boolean(),
  })
  .meta({ id: 'ReviewGrant' });
export type ReviewGrant = z.infer<typeof ReviewGrant>;

export const ReviewQuery = z.object({
  due: z.stringbool().default(true).describe('false = all grants that stand'),
});
export const AccessReview = z.object({
  everyDays: z.number().int(),
  total: z.number().int().describe('grants that stand, within my own'),
  due: z.number().int().describe('of these not confirmed in time'),
  items: z.array(ReviewGrant),
});
export type AccessReview = z.infer<typeof AccessReview>;
