/**
 * The few interfaces through which the folders meet. `boot` connects them; nobody else knows both sides.
 */
import type { AuditAction, AuditObject } from './audit-actions.ts';
import type { EventMap } from './events.ts';
import type { Caller, DataClass, Grant, Permission, RequestOrigin } from './permissions.ts';
import type { Evaluable, LonLat } from './reading.ts';
import type { Bilingual } from './text.ts';

/** A parametrised statement; `sql-template-tag` values fit it as they are. */
export interface SqlQuery {
  readonly text: string;
  readonly values: unknown[];
}

/** Something that runs SQL: the pool, or one open transaction. Rows come back with the column names as keys. */
export interface Queryable {
  query<Row>(query: SqlQuery): Promise<Row[]>;
}

/** One open transaction. Only statements of one unit of work go through it; nothing else is awaited inside. */
export interface Tx extends Queryable {
  readonly inTransaction: true;
}

/** The database as one caller sees it: to be read, never to be written. */
export interface CallerView extends Queryable {
  /**
   * Whether the database itself keeps rows out of the caller's scope from them. False on the embedded database, whose
   * one session belongs to everybody: there the conditions of the statements are the only wall.
   */
  readonly walled: boolean;
}

export interface Database extends Queryable {
  /** Runs `work` in one transaction; commits when it resolves, rolls back when it throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * For whatever is read because somebody asked for it: statements run as a role that sees only the rows that the
   * caller's grants for this permission cover, whatever the statement forgets to ask. Each is a transaction of its
   * own, without further round trips.
   */
  as(caller: Caller, permission: Permission): CallerView;
}

/** A device as the front and the pipeline need it; kept in memory, refreshed on `registry.changed`. */
export interface DeviceRecord {
  id: string;
  site: string;
  type: string;
  enabled: boolean;
  /** `[lon, lat]` where it is installed; null for movers and unplaced devices. */
  position: LonLat | null;
  areaId: string | null;
  domain: string | null;
  agencyId: string | null;
  class: DataClass;
  mobile: boolean;
  unitId: string | null;
  /** Whose the unit is that carries it, and how far its moves may travel; null without a unit. */
  unit: { agencyId: string | null; class: DataClass } | null;
  expectedIntervalS: number | null;
}

export interface DeviceDirectory {
  byId(id: string): DeviceRecord | undefined;
  all(): Iterable<DeviceRecord>;
  /**
   * Checks a user name and password in constant time. Resolves to the device id, or undefined.
   * Cheap enough for a storm of bad credentials: random secrets are stored as SHA-256.
   */
  authenticate(username: string, password: string): Promise<string | undefined>;
  /** The device of a client certificate that our authority has vouched for; undefined = nobody's, or taken back. */
  byCertificate?(certificate: ClientCertificate): string | undefined;
}

/** A client certificate whose chain and dates were checked by TLS. */
export interface ClientCertificate {
  /** SHA-256 of the certificate, 64 small hexadecimal digits. */
  fingerprint: string;
  /** `CN=tram-01, O=…` in the order of the certificate. */
  subject: string;
}

/** Series ids for device × quantity; creates a series at first sight, in its own short transaction. */
export interface SeriesDirectory {
  resolve(deviceId: string, quantity: string, unit: string): Promise<number>;
}

/** Smallest area at a point, from the in-memory index; null outside every polygon. */
export interface AreaLocator {
  locate(lon: number, lat: number): string | null;
}

/** The tree of areas in memory; what is derived from it compares `generation`, which rises with every change. */
export interface AreaDirectory extends AreaLocator {
  readonly generation: number;
  /** Full name, or null when there is no such area. */
  nameOf(areaId: string): string | null;
  /** From the root down to the area itself; empty when there is no such area. */
  pathOf(areaId: string): readonly string[];
  /** The given areas and everything below them, those no longer in force too; unknown ids are left out. */
  subtree(roots: Iterable<string>): ReadonlySet<string>;
}

/** The bodies of the province in memory; they change with the profile, so at a start only. */
export interface AgencyDirectory {
  /** Also of one that the profile no longer names. */
  has(id: string): boolean;
  isActive(id: string): boolean;
  nameOf(id: string): Bilingual | null;
  /** The given agencies and everything below them; unknown ids are left out. */
  subtree(roots: Iterable<string>): ReadonlySet<string>;
  /** The agency that a text names by its id or its name in either language; undefined = none, or more than one. */
  named(text: string): string | undefined;
}

/** A signal of one rule about one subject, decided in memory, to be written with the batch that caused it. */
export interface Effect {
  ruleId: string;
  ruleVersion: number;
  /** `group` = the devices of the rule together; its id is the rule's. */
  subjectType: 'device' | 'unit' | 'camera' | 'group';
  subjectId: string;
  /** The evaluator's new state, JSON-safe; upserted with the batch so that a restart goes on from here. */
  state: unknown;
  signal: Signal | null;
}

export interface Signal {
  kind: 'raise' | 'clear' | 'update';
  /** Event time, epoch ms. */
  timeMs: number;
  position: LonLat | null;
  areaId: string | null;
  /** Values that led here, for the alert's evidence: JSON-safe, at most a few dozen numbers. */
  evidence: Record<string, unknown>;
  /** One sentence per language that says why, with the numbers. */
  explanation: { vi: string; en: string };
  /** The extreme value seen so far, in the rule's sense. */
  peak: number | null;
  /** How far it may travel when that does not follow from its subject: the strictest of a group. */
  class?: DataClass;
}

export interface Announcement<K extends keyof EventMap = keyof EventMap> {
  event: K;
  data: EventMap[K];
}

/** Rules as ingest sees them. `evaluate` is synchronous and fast; `persist` runs inside the batch's transaction. */
export interface RuleEngine {
  evaluate(item: Evaluable): Effect[];
  /** Writes rule states, alerts and their events; what it returns is announced after the commit. */
  persist(tx: Tx, effects: Effect[]): Promise<Announcement[]>;
}

/** Typed in-process bus. Listeners are isolated: one that throws is logged under its owner and harms nobody. */
export interface Bus {
  emit<K extends keyof EventMap>(event: K, data: EventMap[K]): void;
  on<K extends keyof EventMap>(owner: string, event: K, listener: (data: EventMap[K]) => void): () => void;
  /** Removes every listener of an owner. */
  off(owner: string): void;
}

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

/** What is known of a request beside its token. */
export interface RequestFacts {
  ip: string;
  /** Sent by a console by itself, without anybody touching it: no sign that the person is still there. */
  background: boolean;
}

/** Signed-in people and machines; the caller is as of now: grants end, areas change and sessions close while sockets stay open. */
export interface Sessions {
  /**
   * Checks an access token and its session, or an API key. Throws `auth.required`, `auth.expired`, and
   * `request.too_many` for a key that is used too often.
   */
  authenticate(token: string, facts?: RequestFacts): Promise<Caller>;
  /** The caller of a session that was authenticated before; undefined once it has ended or while it is locked. */
  current(sessionId: string): Caller | undefined;
}

/** What the routes of cameras ask of the media plane; whoever calls has checked that the person may look. */
export interface CameraMedia {
  /** Throws `camera.media_off`, `request.too_many`, `request.invalid`. */
  play(
    cameraId: string,
    user: { userId: string; sessionId: string },
    /** Told when the viewer that opened with the ticket has left; the times are epoch ms. */
    left?: (view: { openedAtMs: number; closedAtMs: number }) => void,
  ): { ticket: string; flvUrl: string; state: 'starting' | 'ready' };
  /** One JPEG; an old one comes with `staleReason`. Throws `camera.*` when there is none at all. */
  snapshot(
    cameraId: string,
    request: { width: 320 | 640 | 1280 | 'orig'; maxAgeMs: number },
  ): Promise<{ jpeg: Uint8Array; takenAtMs: number; ageMs: number; staleReason: string | undefined }>;
  /** A camera (or, without an id, any) was added or changed. */
  refresh(cameraId?: string): void;
}

/** What the media plane found out about one camera. Times are epoch ms. */
export interface CameraVerdict {
  state: 'unknown' | 'online' | 'degraded' | 'offline' | 'auth_failed';
  reason: string | null;
  sinceMs: number;
  lastFrameAtMs: number | null;
}

/** Who acts, as the audit trail keeps it; a `Caller` is one. */
export interface AuditActor {
  userId?: string;
  username: string;
  sessionId?: string;
  /** The agency under whose authority they act: its chain keeps the entry. Absent = the centre. */
  agencyId?: string | null;
  /** The person whose powers they were lent. */
  onBehalfOf?: { userId: string; username: string } | null;
  /** Of a `Caller`: when only a lent grant allows the act, the lender is the one on whose behalf it is done. */
  grants?: readonly Grant[];
  origin?: RequestOrigin;
}

/** One act. `before` and `after` are cut to a bound, and everything that looks like a secret is left out of them. */
export interface AuditEntry {
  /** null = the product itself. */
  by: AuditActor | null;
  action: AuditAction;
  object?: { type: AuditObject; id: string; name?: string | null } | null;
  /** Place of the object in the scope model: who may read the entry follows from it. */
  place?: {
    areaId: string | null;
    domain: string | null;
    agencyId?: string | null;
    class?: DataClass;
  } | null;
  /** As the action's `keeps` says; of two objects only the fields that differ are kept. */
  before?: object | null;
  after?: object | null;
  /** Names of fields of `before` and `after` whose class is restricted: that they were there is kept, not what. */
  restricted?: readonly string[];
  reason?: string | null;
}

export interface AuditNoteOptions {
  /**
   * Restricted data: never dropped. Whoever answers with the data waits for the promise; it rejects when the entry
   * could not be committed, and then the data are not handed out.
   */
  must?: boolean;
  /** Entries of one key within the window become two: the first, and in the end how many more there were. */
  fold?: { key: string; windowMs: number };
}

export interface AuditTrail {
  /**
   * Writes entries in the transaction of the act: no entry, no act. The last statement of the transaction, for it
   * holds the chain until the commit.
   */
  record(tx: Tx, ...entries: AuditEntry[]): Promise<void>;
  /**
   * Writes an entry soon, in a transaction of its own: for reads and for what has no transaction. Never rejects and
   * never waits unless the entry `must` be kept; beyond the bound of the queue others are dropped and counted.
   */
  note(entry: AuditEntry, options?: AuditNoteOptions): Promise<void>;
}

/** Secrets by name, encrypted at rest; values never reach a log or an answer. */
export interface SecretStore {
  get(name: string): Promise<string | undefined>;
  /** `within` = the transaction that the secret belongs to. */
  set(name: string, value: string, within?: Queryable): Promise<void>;
  /** Reads and writes as one step among all processes; resolves to what is stored in the end. */
  update(name: string, change: (current: string | undefined) => string): Promise<string>;
  delete(name: string, within?: Queryable): Promise<void>;
}

/** One thing the product says about its own state; shown on `/readyz`, in the console and by `haidang doctor`. */
export interface HealthItem {
  component: string;
  state: 'ok' | 'degraded' | 'down';
  code?: string;
  message: { vi: string; en: string };
  sinceMs: number;
}

export interface Health {
  set(item: Omit<HealthItem, 'sinceMs'>): void;
  items(): HealthItem[];
}

/** A message that did not come by MQTT; resolves when everything in it is committed (stored or quarantined). */
export interface Intake {
  submit(message: IntakeMessage): Promise<IntakeReceipt>;
}

export interface IntakeMessage {
  source: 'mqtt' | 'http' | 'file';
  /** From the credential, never from the payload. */
  deviceId: string;
  topic: string | null;
  payload: Uint8Array;
  receivedAtMs: number;
  /** The sender says that it may have sent this before (MQTT's DUP flag). */
  redelivered?: boolean;
  /** Id of the quarantine row this comes from: what is refused again makes no new row. */
  replayOf?: number;
}

/** Told when a device connects, leaves, or says so itself on its `state` topic. */
export interface DevicePresence {
  changed(deviceId: string, state: 'online' | 'offline', atMs: number): void;
}

export interface IntakeReceipt {
  stored: number;
  duplicates: number;
  quarantined: { id: number; code: string; reason: string }[];
}
