import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../core/clock.ts';
import type { Logger } from '../../core/ports.ts';
import { loadDeviceTypes } from '../../devices/index.ts';
import { createIngest } from '../../ingest/index.ts';
import { createAccountRequestsModule } from '../account-requests/index.ts';
import { createAccounts, withEmergencyNotes } from '../accounts/index.ts';
import { createAgencies } from '../agencies/index.ts';
import { createAlerts } from '../alerts/index.ts';
import { createAreas } from '../areas/index.ts';
import { createAudit, createRestrictedReads } from '../audit/index.ts';
import { createMemoryBus } from '../bus/index.ts';
import { migrate, pendingMigrations, prepareSecondWall } from '../db/index.ts';
import { createDispatch } from '../dispatch/index.ts';
import { API_PREFIX, createHttpApp, otherAddresses } from '../http/index.ts';
import { createIntakeApi } from '../intake/index.ts';
import { createLive } from '../live/index.ts';
import { createPersonalDataModule } from '../personal-data/index.ts';
import {
  centreRoutes,
  loadPersonalData,
  loadPlaces,
  loadProfile,
  loadRoles,
  loadTerms,
  mountMapFiles,
} from '../profile/index.ts';
import { createRegistry } from '../registry/index.ts';
import { createRetention } from '../retention/index.ts';
import { createRules } from '../rules/index.ts';
import { createSearch } from '../search/index.ts';
import { createSecretStore } from '../secrets/index.ts';
import { sightRoutes } from '../sight/index.ts';
import { createSummaryKeeper } from '../summaries/index.ts';
import { createHealth, createSystem } from '../system/index.ts';
import { createTiles } from '../tiles/index.ts';
import { type LoadedConfig, settingsFacts } from './config.ts';
import { type Control, createControlKey, isLocalOperator } from './control.ts';
import { openDatabase } from './database.ts';
import { type Demo, startDemo } from './demo/index.ts';
import { withDomains } from './device-domains.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { lockDataDir } from './lock.ts';
import { noteMarked } from './marked.ts';
import { createMedia } from './media.ts';
import { mountConsole, startWebServer } from './web-server.ts';

/** Whether anybody but this machine reaches the console: directly, or through a proxy that names the host. */
const isReachable = ({ host, allowedHosts, trustProxy }: Settings['http']) =>
  !['127.0.0.1', 'localhost', '::1'].includes(host) || allowedHosts.length > 0 || trustProxy;

const CONFIG_DIR = fileURLToPath(new URL('../../config', import.meta.url));
const PROVINCES_DIR = join(CONFIG_DIR, 'provinces');
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export interface RunningApp {
  control: Control;
  /** Where the generated first password of `admin` stands, as long as nobody has removed the file. */
  firstPasswordFile: string | undefined;
  /** Passwords of the sample accounts, when they were made at this start. */
  demoAccountsFile: string | undefined;
  /** What is answered besides the route table of the API: pages, files, sockets. */
  otherAddresses: string[];
  stop(): Promise<void>;
}

type Settings = LoadedConfig['settings'];

/**
 * Starts every module in the order in which they need each other and stops them in reverse. When one cannot start,
 * those before it are stopped again and the reason is thrown.
 */
export async function startApp(settings: Settings, logger: Logger): Promise<RunningApp> {
  const life = createLifecycle(logger);
  try {
    return await start(settings, logger, life);
  } catch (error) {
    await life.stop();
    throw error;
  }
}

async function start(settings: Settings, logger: Logger, life: Lifecycle): Promise<RunningApp> {
  const clock = systemClock;
  const dataDir = resolve(settings.dataDir);
  const runs = new Set(settings.roles);

  // What everything stands on.
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  life.add('data directory', lockDataDir(dataDir));
  const profile = await loadProfile(PROVINCES_DIR, settings.profileProvince);
  const roles = await loadRoles(join(CONFIG_DIR, 'roles.yaml'));
  const places = await loadPlaces(PROVINCES_DIR, profile.province.mapFolder);
  const types = await loadDeviceTypes();
  const { timezone } = profile.province;
  const health = createHealth(clock);
  const bus = createMemoryBus(logger);
  const database = await openDatabase(settings, logger);
  life.add('database', () => database.close());
  const { applied } = await migrate(database, logger);
  await prepareSecondWall(database, settings.db.secondWall, logger);
  const secrets = await createSecretStore({ database, keyFile: join(dataDir, 'secret.key') });
  const audited = await createAudit({
    database,
    clock,
    logger,
    health,
    secrets,
    dataDir,
    settings: settings.audit,
    areas: () => areas.tree,
  });
  await audited.start({ version, ...settingsFacts(settings), migrations: applied });
  // After everything that acts: what they leave is still written and anchored.
  life.add('audit', audited.stop);
  const base = { database, bus, clock, logger, health, audit: audited.trail };

  // The registry of the centre.
  const areas = await createAreas({ ...base, timezone });
  life.add('areas', areas.close);
  const agencies = await createAgencies({ ...base, bodies: profile.bodies });
  const accounts = await createAccounts({
    ...base,
    secrets,
    areas: areas.tree,
    agencies: agencies.directory,
    roles,
    lending: profile.access,
    dataDir,
    adminPassword: settings.adminPassword,
    settings: settings.signIn,
    reachable: !settings.demo && isReachable(settings.http),
    terms: await loadTerms(join(CONFIG_DIR, 'terms.yaml')),
    centreName: profile.centre.shortVi,
  });
  life.add('accounts', accounts.close);
  const accountRequests = createAccountRequestsModule({
    ...base,
    acts: accounts.acts,
    roles,
    agencies: agencies.directory,
    settings: settings.accounts,
    timeZone: timezone,
  });
  accountRequests.start();
  life.add('account requests', accountRequests.close);
  const registry = await createRegistry({
    ...base,
    secrets,
    areas: areas.tree,
    agencies: agencies.directory,
    types: withDomains(types, profile.domains),
    timezone,
    hasDomain: (id) => profile.domains.some((domain) => domain.id === id && domain.enabled),
    media: () => media,
    vetSource: (source) => media.vet(source),
  });
  life.add('registry', registry.close);

  // Cameras.
  const media = createMedia({
    settings,
    timezone,
    clock,
    logger,
    health,
    cameras: registry.cameras,
    secrets: registry.cameraCredential,
    onHealth: registry.recordCameraHealth,
  });
  if (runs.has('streams')) {
    await media.start();
    life.add('media', media.stop);
  }

  // From readings to alerts to dispatches.
  const alerts = createAlerts({ ...base, dataDir, snapshotSource: pictures(media) });
  alerts.start();
  life.add('alerts', alerts.stop);
  const rules = await createRules({
    ...base,
    devices: registry.devices,
    areas: areas.tree,
    alerts,
    timeZone: timezone,
  });
  await rules.start();
  life.add('rules', rules.stop);
  const ingest = createIngest({
    ...base,
    devices: registry.devices,
    deviceTypes: types,
    series: registry.series,
    areas: areas.tree,
    rules: rules.engine,
    settings: { mqtt: settings.mqtt, ingest: settings.ingest },
    front: runs.has('ingest'),
    marked: ({ deviceId, source, bytes }) => noteMarked(audited.trail, { deviceId }, { source, bytes }),
  });
  await ingest.start();
  life.add('ingest', ingest.stop);
  const summaries = createSummaryKeeper({ ...base, timezone });
  summaries.start();
  life.add('summaries', summaries.stop);
  const retention = createRetention({ ...base, settings: settings.retention });
  retention.keeper.start();
  life.add('retention', retention.keeper.stop);

  const dispatch = createDispatch({
    ...base,
    alerts,
    devices: registry.devices,
    areas: areas.tree,
    agencies: agencies.directory,
    profile,
  });

  // What people and programs talk to.
  const tiles = createTiles({ ...base, areas: areas.tree });
  life.add('tiles', tiles.close);
  const search = createSearch({
    ...base,
    areas: areas.tree,
    places: () => places,
    names: {
      deviceType: (id) => types.get(id),
      unitKind(id) {
        const kind = profile.dispatch.unitKinds.find((known) => known.id === id);
        return kind && { vi: kind.nameVi, en: kind.nameEn };
      },
    },
  });
  const personal = createPersonalDataModule({
    ...base,
    kinds: await loadPersonalData(join(CONFIG_DIR, 'personal-data.yaml')),
    mediaDir: join(dataDir, 'media'),
  });
  personal.start();
  life.add('personal data', personal.stop);
  const key = createControlKey(dataDir);
  const sessions = key.withSessions(accounts.sessions);
  const live = createLive({ ...base, sessions, alerts, allowedHosts: settings.http.allowedHosts });
  await live.start();
  const intake = createIntakeApi({ ...base, intake: ingest.intake });
  const { mqtt } = settings;
  const system = createSystem({
    ...base,
    dataDir,
    counts: registry.counts,
    ingest: ingest.stats,
    samples: ingest.samples,
    pendingMigrations: () => pendingMigrations(database),
    certificates: mqtt.tlsCertFile === undefined ? [] : [{ name: 'MQTT TLS', file: mqtt.tlsCertFile }],
    metricsToken: settings.http.metricsToken,
    behindProxy: settings.http.trustProxy,
    isWatched: () => live.stats().connections > 0,
  });
  system.start();
  life.add('system', system.close);
  const app = createHttpApp({
    routes: withEmergencyNotes(audited.trail, [
      ...centreRoutes({ profile, demo: settings.demo, version }),
      ...accounts.routes,
      ...personal.routes,
      ...accountRequests.routes,
      ...areas.routes,
      ...agencies.routes,
      ...registry.routes,
      ...rules.routes,
      ...alerts.routes,
      ...dispatch.routes,
      ...live.routes,
      ...intake.routes,
      ...system.routes,
      ...retention.routes,
      ...tiles.routes,
      ...search.routes,
      ...sightRoutes({ database, behold: accounts.behold }),
      ...audited.routes,
    ]),
    logger,
    version,
    authenticate: sessions.authenticate,
    beforeAnswer: createRestrictedReads({
      trail: audited.trail,
      classOfDevice: (id) => registry.devices.byId(id)?.class,
    }),
    authenticateDevice: registry.devices.authenticate,
    allowedHosts: settings.http.allowedHosts,
    marked: ({ caller, method, path, bytes }) =>
      noteMarked(audited.trail, caller, { source: `${method} ${path}`, bytes }),
    rate: {
      perS: settings.http.requestsPerS,
      burst: settings.http.requestBurst,
      clock,
      isFree: isLocalOperator,
    },
    securityContact: { contacts: settings.security.contacts, policyUrl: settings.security.policyUrl, clock },
    mount(express) {
      if (settings.http.trustProxy) express.set('trust proxy', 1);
      system.mount(express);
      mountMapFiles(express, {
        basemapDir: join(CONFIG_DIR, 'basemap'),
        provincesDir: PROVINCES_DIR,
        mapFolder: profile.province.mapFolder,
      });
      mountConsole(express, logger);
    },
  });
  bus.on('boot', 'user.revoked', ({ userId, sessionId }) => media.revoke(userId, sessionId ?? undefined));
  // Open pictures were asked for under the old rights; the player asks again under the new ones.
  bus.on('boot', 'user.rights', ({ userId, sessionId }) => media.revoke(userId, sessionId));
  const sockets = {
    [`WS ${API_PREFIX}/live`]: live.handleUpgrade,
    'WS /media/{camera}.flv': media.handleUpgrade,
  };
  const web = await startWebServer({
    app,
    host: settings.http.host,
    port: settings.http.port,
    upgrades: Object.values(sockets),
    allowedHosts: settings.http.allowedHosts,
    logger,
  });
  life.add('web server', web.stop);
  // Before the server, which waits for its sockets to end.
  life.add('live', live.stop);

  const firstPassword = join(dataDir, 'first-password');
  const host = settings.http.host === '0.0.0.0' ? '127.0.0.1' : settings.http.host;
  const control = key.publish({
    url: `http://${host}:${web.port}`,
    pid: process.pid,
    mqttPort: ingest.mqttPort ?? null,
  });
  life.add('control file', key.remove);

  let demo: Demo | undefined;
  if (settings.demo && ingest.mqttPort !== undefined) {
    demo = await startDemo({
      profile,
      provincesDir: PROVINCES_DIR,
      dataDir,
      mqtt: {
        host: settings.mqtt.host === '0.0.0.0' ? '127.0.0.1' : settings.mqtt.host,
        port: ingest.mqttPort,
      },
      types,
      centre: { areas, accounts, registry, rules, alerts, dispatch },
      secrets,
      bus,
      clock,
      logger,
    });
    if (demo) life.add('demo', demo.stop);
  }
  return {
    control,
    firstPasswordFile: existsSync(firstPassword) ? firstPassword : undefined,
    demoAccountsFile: demo?.accountsFile,
    otherAddresses: [...otherAddresses(app), ...Object.keys(sockets)],
    stop: life.stop,
  };
}

/** The media plane as alerts ask it for pictures: a fresh one, as large as the camera sends it within reason. */
function pictures(media: ReturnType<typeof createMedia>) {
  return {
    async snapshot(cameraId: string) {
      const { jpeg, takenAtMs } = await media.snapshot(cameraId, { width: 1280, maxAgeMs: 2000 });
      return { jpeg: Buffer.from(jpeg), takenAtMs };
    },
  };
}
