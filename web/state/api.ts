import { z } from 'zod';
import { Agency } from '../../core/api/agencies.ts';
import { Alert, AlertDetail, AlertFigures, AlertHistogram, type AlertState } from '../../core/api/alerts.ts';
import { Area } from '../../core/api/areas.ts';
import {
  type AuditExportRequest,
  AuditFacets,
  AuditItem,
  AuditStatus,
  AuditVerification,
} from '../../core/api/audit.ts';
import { Me, type PasswordChange, RoleDto, TokenResponse, User } from '../../core/api/auth.ts';
import { Camera, PlayTicket } from '../../core/api/cameras.ts';
import { Centre, SearchResult, SystemStatus } from '../../core/api/centre.ts';
import { type Position, page } from '../../core/api/common.ts';
import { Colleague, Delegation, type DelegationCreate } from '../../core/api/delegations.ts';
import {
  Device,
  DeviceCredential,
  DeviceType,
  LatestValue,
  Observation,
  ObservationBucket,
  QuarantineItem,
} from '../../core/api/devices.ts';
import { Dispatch, type DispatchState, Recommendations, Unit } from '../../core/api/dispatch.ts';
import { LiveTicket } from '../../core/api/live.ts';
import {
  PersonalDataKindDto,
  PersonalDataRun,
  Subject,
  type SubjectLookup,
  SubjectReport,
} from '../../core/api/personal-data.ts';
import { Backtest, Rule, ShadowAlarm } from '../../core/api/rules.ts';
import { Sight } from '../../core/api/sight.ts';
import {
  type ApiKeyCreate,
  ApiKeyCreated,
  ApiKeyList,
  FactorAdded,
  type PasskeyProof,
  PasskeyQuestion,
  type PasskeyRegister,
  RecoveryCodes,
  type SecondFactorRequest,
  Security,
  SessionList,
  SignInMethods,
  StepUpQuestion,
  type StepUpRequest,
  Terms,
  type TotpConfirm,
  TotpEnrolment,
} from '../../core/api/sign-in.ts';
import { accountRequestsApi } from './account-requests-api.ts';
import type { Http, Query } from './http.ts';

/** A list that was read whole; rows that this console cannot read are counted, not hidden. */
export interface Loaded<T> {
  rows: T[];
  skipped: number;
}

const RawPage = page(z.unknown());
const PAGE_LIMIT = 1000;
/** A whole trail is read for these. */
const LONG_MS = 300_000;
/** A runaway cursor must not keep the console busy for ever. */
const MAX_PAGES = 200;

/** What the list was asked for, one act at most. */
type AuditExport = Omit<z.input<typeof AuditExportRequest>, 'action' | 'objectType'> & {
  action?: string | undefined;
  objectType?: string | undefined;
};

export type Api = ReturnType<typeof createApi>;

/** Every route the console uses, typed by the schemas of `core/api`. */
export function createApi(http: Http) {
  const all = async <S extends z.ZodType>(
    path: string,
    schema: S,
    query: Query = {},
    signal?: AbortSignal,
  ): Promise<Loaded<z.infer<S>>> => {
    const rows: z.infer<S>[] = [];
    let skipped = 0;
    let cursor: string | null = null;
    for (let n = 0; n < MAX_PAGES; n++) {
      const answer: z.infer<typeof RawPage> = await http.json(path, RawPage, {
        query: { limit: PAGE_LIMIT, ...query, cursor },
        ...(signal ? { signal } : {}),
      });
      for (const item of answer.items) {
        const parsed = schema.safeParse(item);
        if (parsed.success) rows.push(parsed.data);
        else skipped++;
      }
      cursor = answer.nextCursor;
      if (!cursor) break;
    }
    return { rows, skipped };
  };
  const id = encodeURIComponent;
  const act = (alertId: number, verb: string, body: object) =>
    http.json(`/alerts/${alertId}/${verb}`, Alert, { method: 'POST', body });

  return {
    http,
    centre: () => http.json('/centre', Centre),
    login: (username: string, password: string) =>
      http.json('/auth/login', TokenResponse, { method: 'POST', body: { username, password } }),
    signInMethods: () => http.json('/auth/methods', SignInMethods),
    secondFactor: (body: z.input<typeof SecondFactorRequest>) =>
      http.json('/auth/second-factor', TokenResponse, { method: 'POST', body }),
    passkeyQuestion: () => http.json('/auth/passkey/options', PasskeyQuestion, { method: 'POST', body: {} }),
    passkeySignIn: (body: PasskeyProof) =>
      http.json('/auth/passkey', TokenResponse, { method: 'POST', body }),
    stepUpQuestion: () => http.json('/auth/step-up/options', StepUpQuestion, { method: 'POST', body: {} }),
    stepUp: (body: z.input<typeof StepUpRequest>) => http.send('/auth/step-up', { method: 'POST', body }),
    lock: () => http.send('/auth/lock', { method: 'POST', body: {} }),
    stillHere: () => http.send('/auth/active', { method: 'POST', body: {} }),
    terms: () => http.json('/auth/terms', Terms),
    acceptTerms: (version: string) => http.send('/me/terms', { method: 'POST', body: { version } }),
    security: () => http.json('/me/security', Security),
    totpQuestion: () => http.json('/me/totp/options', TotpEnrolment, { method: 'POST', body: {} }),
    addTotp: (body: z.input<typeof TotpConfirm>) =>
      http.json('/me/totp', FactorAdded, { method: 'POST', body }),
    removeTotp: () => http.send('/me/totp', { method: 'DELETE' }),
    newPasskeyQuestion: () =>
      http.json('/me/passkeys/options', PasskeyQuestion, { method: 'POST', body: {} }),
    addPasskey: (body: z.input<typeof PasskeyRegister>) =>
      http.json('/me/passkeys', FactorAdded, { method: 'POST', body }),
    removePasskey: (keyId: string) => http.send(`/me/passkeys/${id(keyId)}`, { method: 'DELETE' }),
    newRecoveryCodes: () => http.json('/me/recovery-codes', RecoveryCodes, { method: 'POST', body: {} }),
    unlinkIdentity: (issuer: string) => http.send(`/me/identities/${id(issuer)}`, { method: 'DELETE' }),
    ownActivity: async () =>
      (await http.json('/me/activity', page(AuditItem), { query: { limit: 20 } })).items,
    sessions: async () => (await http.json('/me/sessions', SessionList)).items,
    endSession: (sessionId: string) => http.send(`/me/sessions/${id(sessionId)}`, { method: 'DELETE' }),
    endOtherSessions: () => http.send('/me/sessions', { method: 'DELETE' }),
    apiKeys: async (userId: string) => (await http.json(`/users/${id(userId)}/keys`, ApiKeyList)).items,
    createApiKey: (userId: string, body: z.input<typeof ApiKeyCreate>) =>
      http.json(`/users/${id(userId)}/keys`, ApiKeyCreated, { method: 'POST', body }),
    revokeApiKey: (userId: string, keyId: string) =>
      http.send(`/users/${id(userId)}/keys/${id(keyId)}`, { method: 'DELETE' }),
    resetFactors: (userId: string) => http.send(`/users/${id(userId)}/second-factors`, { method: 'DELETE' }),
    renewDeviceCredential: (deviceId: string, body: { overlapHours?: number } = {}) =>
      http.json(`/devices/${id(deviceId)}/credential`, DeviceCredential, { method: 'POST', body }),
    refresh: () => http.json('/auth/refresh', TokenResponse, { method: 'POST', body: {} }),
    logout: () => http.send('/auth/logout', { method: 'POST', body: {} }),
    me: () => http.json('/me', Me),
    liveTicket: () => http.json('/live/ticket', LiveTicket, { method: 'POST', body: {} }),
    system: () => http.json('/system', SystemStatus),
    roles: async () => (await http.json('/roles', z.object({ items: z.array(RoleDto) }))).items,

    devices: (signal?: AbortSignal) => all('/devices', Device, {}, signal),
    deviceTypes: () => all('/device-types', DeviceType),
    latest: (signal?: AbortSignal) => all('/latest', LatestValue, {}, signal),
    observations: (
      deviceId: string,
      query: { quantity: string; from: string; to?: string },
      signal?: AbortSignal,
    ) => all(`/devices/${id(deviceId)}/observations`, Observation, { ...query, limit: 10_000 }, signal),
    buckets: (
      deviceId: string,
      query: { quantity: string; from: string; to?: string; bucket: string },
      signal?: AbortSignal,
    ) => all(`/devices/${id(deviceId)}/observations`, ObservationBucket, { ...query, limit: 10_000 }, signal),

    cameras: (signal?: AbortSignal) => all('/cameras', Camera, {}, signal),
    camerasSeeing: ([lon, lat]: Position) => all('/cameras', Camera, { sees: `${lon},${lat}` }),
    play: (cameraId: string) =>
      http.json(`/cameras/${id(cameraId)}/play`, PlayTicket, {
        method: 'POST',
        body: {},
        timeoutMs: 30_000,
      }),
    picture: (url: string, signal?: AbortSignal) =>
      http.blob(url, { timeoutMs: 30_000, ...(signal ? { signal } : {}) }),

    openAlerts: (signal?: AbortSignal) => all('/alerts', Alert, { state: 'open' }, signal),
    alertPage: (query: Query, signal?: AbortSignal) =>
      http.json('/alerts', page(Alert), { query, ...(signal ? { signal } : {}) }),
    alert: (alertId: number, signal?: AbortSignal) =>
      http.json(`/alerts/${alertId}`, AlertDetail, signal ? { signal } : {}),
    acknowledge: (alertId: number, expectedState: AlertState, text?: string) =>
      act(alertId, 'acknowledge', { expectedState, ...(text ? { text } : {}) }),
    comment: (alertId: number, text: string) => act(alertId, 'comment', { text }),
    resolve: (alertId: number, expectedState: AlertState, text: string) =>
      act(alertId, 'resolve', { expectedState, text }),
    shelve: (alertId: number, reason: string, minutes: number) => act(alertId, 'shelve', { reason, minutes }),
    unshelve: (alertId: number) => act(alertId, 'unshelve', {}),
    figures: (hours: number, signal?: AbortSignal) =>
      http.json('/alerts/figures', AlertFigures, { query: { hours }, ...(signal ? { signal } : {}) }),

    rules: (query: Query, signal?: AbortSignal) =>
      http.json('/rules', page(Rule), { query, ...(signal ? { signal } : {}) }),
    ruleAct: (ruleId: string, verb: 'activate' | 'approve' | 'shadow') =>
      http.json(`/rules/${id(ruleId)}/${verb}`, Rule, { method: 'POST', body: {} }),
    retireRule: (ruleId: string) =>
      http.json(`/rules/${id(ruleId)}`, Rule, { method: 'PATCH', body: { state: 'retired' } }),
    backtest: (ruleId: string, range: { from: string; to: string }) =>
      http.json(`/rules/${id(ruleId)}/backtest`, Backtest, {
        method: 'POST',
        body: range,
        timeoutMs: 120_000,
      }),
    shadowAlarms: async (ruleId: string, signal?: AbortSignal) =>
      (
        await http.json(
          `/rules/${id(ruleId)}/shadow-alarms`,
          z.object({ items: z.array(ShadowAlarm) }),
          signal ? { signal } : {},
        )
      ).items,
    histogram: (hours: number) => http.json('/alerts/histogram', AlertHistogram, { query: { hours } }),

    units: (signal?: AbortSignal) => all('/units', Unit, {}, signal),
    setUnitStatus: (unitId: string, status: 'available' | 'out_of_service', reason?: string) =>
      http.json(`/units/${id(unitId)}/status`, Unit, {
        method: 'PATCH',
        body: { status, ...(reason ? { reason } : {}) },
      }),
    recommendations: (alertId: number, signal?: AbortSignal) =>
      http.json(`/alerts/${alertId}/recommendations`, Recommendations, signal ? { signal } : {}),
    dispatches: (signal?: AbortSignal) => all('/dispatches', Dispatch, {}, signal),
    createDispatch: (alertId: number, unitId: string, note?: string) =>
      http.json('/dispatches', Dispatch, {
        method: 'POST',
        body: { alertId, unitId, ...(note ? { note } : {}) },
      }),
    setDispatchState: (dispatchId: number, state: DispatchState, note?: string) =>
      http.json(`/dispatches/${dispatchId}`, Dispatch, {
        method: 'PATCH',
        body: { state, ...(note ? { note } : {}) },
      }),

    areas: (signal?: AbortSignal) => all('/areas', Area, {}, signal),
    search: (text: string, signal?: AbortSignal) =>
      http.json('/search', z.object({ items: z.array(SearchResult) }), {
        query: { q: text },
        ...(signal ? { signal } : {}),
      }),

    auditPage: (query: Query, signal?: AbortSignal) =>
      http.json('/audit', page(AuditItem), { query, ...(signal ? { signal } : {}) }),
    auditFacets: (query: Query, signal?: AbortSignal) =>
      http.json('/audit/facets', AuditFacets, { query, ...(signal ? { signal } : {}) }),
    auditStatus: (signal?: AbortSignal) => http.json('/audit/status', AuditStatus, signal ? { signal } : {}),
    verifyAudit: () => http.json('/audit/verify', AuditVerification, { timeoutMs: LONG_MS }),
    /** The file and the name it came under. */
    exportAudit: async (body: AuditExport) => {
      const { action, ...rest } = body;
      const { blob, headers } = await http.blob('/audit/export', {
        method: 'POST',
        body: { ...rest, ...(action === undefined ? {} : { action: [action] }) },
        timeoutMs: LONG_MS,
      });
      const name = /filename="([^"/\\]+)"/.exec(headers.get('content-disposition') ?? '')?.[1];
      return { blob, name: name ?? 'audit.zip' };
    },
    activity: (query: Query, signal?: AbortSignal) =>
      http.json('/me/activity', page(AuditItem), { query, ...(signal ? { signal } : {}) }),
    agencies: async () => (await http.json('/agencies', z.object({ items: z.array(Agency) }))).items,

    quarantine: (query: Query, signal?: AbortSignal) =>
      http.json('/quarantine', page(QuarantineItem), { query, ...(signal ? { signal } : {}) }),
    quarantined: (itemId: number, signal?: AbortSignal) =>
      http.json(`/quarantine/${itemId}`, QuarantineItem, signal ? { signal } : {}),
    replayQuarantined: (itemId: number) =>
      http.json(`/quarantine/${itemId}/replay`, QuarantineItem, { method: 'POST', body: {} }),
    personalDataKinds: () =>
      http.json('/personal-data/kinds', z.object({ items: z.array(PersonalDataKindDto) })),
    personalDataRuns: () => http.json('/personal-data/runs', z.object({ items: z.array(PersonalDataRun) })),
    lookUpPeople: (body: z.input<typeof SubjectLookup>) =>
      http.json('/personal-data/lookups', z.object({ items: z.array(Subject) }), { method: 'POST', body }),
    reportOfPerson: (subjectId: string, reason: string) =>
      http.json(`/personal-data/subjects/${id(subjectId)}/report`, SubjectReport, {
        method: 'POST',
        body: { reason },
      }),
    erasePerson: (subjectId: string, reason: string) =>
      http.json(`/personal-data/subjects/${id(subjectId)}/erasure`, PersonalDataRun, {
        method: 'POST',
        body: { reason },
      }),
    ownData: () => http.json('/me/personal-data', SubjectReport),
    delegations: async (state: 'open' | 'all') =>
      (await http.json('/delegations', z.object({ items: z.array(Delegation) }), { query: { state } })).items,
    lend: (body: z.input<typeof DelegationCreate>) =>
      http.json('/delegations', Delegation, { method: 'POST', body }),
    endDelegation: (delegationId: number) =>
      http.json(`/delegations/${delegationId}/end`, Delegation, { method: 'POST', body: {} }),
    colleagues: async (text: string) =>
      (
        await http.json('/delegations/colleagues', z.object({ items: z.array(Colleague) }), {
          query: { q: text },
        })
      ).items,
    sight: (userId: string, query: { kind: string; q: string }) =>
      http.json(`/users/${id(userId)}/sight`, Sight, { query }),
    users: () => all('/users', User),
    ...accountRequestsApi(http),
    changePassword: (body: z.input<typeof PasswordChange>) =>
      http.send('/me/password', { method: 'POST', body }),
  };
}
