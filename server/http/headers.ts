import type { RequestHandler } from 'express';
import helmet from 'helmet';

type Directives = Readonly<Record<string, readonly string[]>>;

/** Everything from here and nothing from elsewhere; nothing inside the page itself, neither script nor style. */
const SAME_ORIGIN: Directives = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'script-src-attr': ["'none'"],
  'style-src': ["'self'"],
  'style-src-attr': ["'none'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'media-src': ["'self'", 'blob:'],
  'connect-src': ["'self'"],
  // The map draws on a graphics card with the help of a worker that the library makes from its own text.
  'worker-src': ["'self'", 'blob:'],
  'object-src': ["'none'"],
  'frame-src': ["'none'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
};

/** The console. Text becomes markup or script only by its one policy, web/strict-policy.ts. */
const CONSOLE: Directives = {
  ...SAME_ORIGIN,
  'require-trusted-types-for': ["'script'"],
  'trusted-types': ['default'],
};

/** What is fetched, not opened: opened all the same, it can do nothing, not even be of this origin. */
const NOTHING: Directives = {
  'default-src': ["'none'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  sandbox: [],
};

const text = (directives: Directives) =>
  Object.entries(directives)
    .map(([name, values]) => [name, ...values].join(' '))
    .join('; ');

export const CONSOLE_POLICY = text(CONSOLE);
/**
 * Swagger UI puts markup that DOMPurify has cleaned into the page as a string, so it cannot run under trusted types;
 * what it shows are our own words about our own routes.
 */
export const DOCS_POLICY = text(SAME_ORIGIN);
export const DATA_POLICY = text(NOTHING);

/** What the pages need of the browser: to fill the screen and to make a sound. */
const PERMISSIONS = [
  'accelerometer=()',
  'autoplay=(self)',
  'camera=()',
  'display-capture=()',
  'fullscreen=(self)',
  'geolocation=()',
  'gyroscope=()',
  'magnetometer=()',
  'microphone=()',
  'payment=()',
  'usb=()',
].join(', ');

const YEAR_S = 365 * 86_400;

/** The headers of every answer. */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: false,
      strictTransportSecurity: false,
      crossOriginEmbedderPolicy: false,
      frameguard: { action: 'deny' },
    }),
    (req, res, next) => {
      res.setHeader('Content-Security-Policy', CONSOLE_POLICY);
      res.setHeader('Permissions-Policy', PERMISSIONS);
      // On loopback and in a network without TLS it would lock people out.
      if (req.secure) res.setHeader('Strict-Transport-Security', `max-age=${YEAR_S}; includeSubDomains`);
      next();
    },
  ];
}
