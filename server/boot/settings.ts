import { z } from 'zod';
import { IngestSettings, MqttSettings } from '../../ingest/index.ts';
import { AccountRequestSettings } from '../account-requests/index.ts';
import { SignInSettings } from '../accounts/index.ts';
import { RetentionSettings } from '../retention/index.ts';

/**
 * Every setting of the product with its default and meaning. `config/default.yaml` and the reference in
 * `docs/configuration.md` are generated from this schema. A leaf's environment variable is `HAIDANG_` and its path
 * in capitals, `__` between levels: `http.port` → `HAIDANG_HTTP__PORT`, `dataDir` → `HAIDANG_DATA_DIR`.
 */
const port = (fallback: number, meaning: string) =>
  z.coerce.number().int().min(0).max(65535).default(fallback).describe(meaning);
const list = (fallback: string[], meaning: string) =>
  z
    .preprocess(
      (value) =>
        typeof value === 'string'
          ? value
              .split(',')
              .filter((part) => part.trim() !== '')
              .map((part) => part.trim())
          : value,
      z.array(z.string()),
    )
    .default(fallback)
    .describe(meaning);
const flag = (fallback: boolean, meaning: string) =>
  z
    .preprocess(
      (value) =>
        value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value,
      z.boolean(),
    )
    .default(fallback)
    .describe(meaning);
const optional = (meaning: string) => z.string().min(1).optional().describe(meaning);

const ROLES = ['api', 'ingest', 'streams', 'worker'] as const;

export const Settings = z.strictObject({
  dataDir: z.string().min(1).default('./data').describe('embedded database, media, secrets'),
  profileProvince: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('demo')
    .describe('name of a file in config/provinces/'),
  demo: flag(false, 'simulated devices and sample accounts; `npm start` switches it on'),
  adminPassword: optional(
    'password of `admin` at the very first start; unset = generated into <dataDir>/first-password',
  ),
  roles: list([...ROLES], 'what this process runs').pipe(z.array(z.enum(ROLES)).min(1)),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('least severe log line written'),
  http: z
    .strictObject({
      port: port(8080, 'console and API; 0 = any free port'),
      host: z.string().default('127.0.0.1').describe('address to listen on'),
      allowedHosts: list([], 'host names of the console besides loopback, for the DNS-rebinding guard'),
      trustProxy: flag(false, 'true behind a reverse proxy that sets X-Forwarded-For and -Proto'),
      metricsToken: optional('bearer token for /metrics from elsewhere than loopback'),
      requestsPerS: z.coerce
        .number()
        .int()
        .min(0)
        .default(200)
        .describe('requests a second of one person, or of one address without a sign-in; 0 = no limit'),
      requestBurst: z.coerce
        .number()
        .int()
        .min(1)
        .default(2000)
        .describe('requests of the same at once, after a rest'),
    })
    .prefault({}),
  security: z
    .strictObject({
      contacts: list(
        [],
        'who to tell of a weakness, for /.well-known/security.txt: mailto:, https: or tel: addresses',
      ).pipe(
        z.array(z.string().regex(/^(mailto:|https:\/\/|tel:)[\x21-\x7e]+$/, 'mailto:, https:// or tel:')),
      ),
      policyUrl: z
        .string()
        .regex(/^https:\/\/[\x21-\x7e]+$/, 'an https:// address')
        .optional()
        .describe('page with the rules for reports of weaknesses'),
    })
    .prefault({}),
  db: z
    .strictObject({
      url: optional('PostgreSQL 15 or newer with PostGIS; unset = embedded database (evaluation only)'),
      poolMax: z.coerce.number().int().min(2).max(100).default(10).describe('connections to PostgreSQL'),
      secondWall: z
        .enum(['require', 'warn'])
        .default('require')
        .describe('where the role haidang_app cannot be made: require = do not start, warn = start without'),
    })
    .prefault({}),
  audit: z
    .strictObject({
      keepMonths: z.coerce
        .number()
        .int()
        .min(3)
        .max(1200)
        .default(12)
        .describe('months that the audit trail is kept; at least 3'),
      anchorTarget: optional(
        'second place of the signed anchors: an absolute folder (a write-once share) or syslog://host:port',
      ),
    })
    .prefault({}),
  signIn: SignInSettings.prefault({}),
  accounts: AccountRequestSettings.prefault({}),
  mqtt: MqttSettings.prefault({}),
  ingest: IngestSettings.prefault({}),
  retention: RetentionSettings.prefault({}),
  media: z
    .strictObject({
      ffmpegPath: optional('ffmpeg program (also FFMPEG_PATH); unset = ffmpeg-static, then the PATH'),
      searchPath: z
        .string()
        .default('/usr/local/bin:/usr/bin:/bin')
        .describe('folders in which programs are looked for (also PATH)'),
      cameraSubnets: list(
        ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
        'networks in which cameras may be dialled',
      ),
      probeIntervalS: z.coerce
        .number()
        .int()
        .min(5)
        .max(3600)
        .default(15)
        .describe('seconds between health checks of a camera'),
    })
    .prefault({}),
});
export type Settings = z.output<typeof Settings>;
